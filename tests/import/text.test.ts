/** Files as spreadsheets and service managers of the world write them: each is read as it was meant, or refused with the place. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { rowsOnDisk } from '../harness/database.ts'
import { makeWorkspace } from '../harness/empty-workspace.ts'
import { rejoin } from '../harness/rejoin.ts'
import { at, COLUMNS, csv, OPENED, startPlace, type Cells } from './place.ts'

const NAME = 'Jürgen Müller'
const HEAD = ['name', 'email', 'role', 'phone']
const ROW = [NAME, 'j@example.com', 'requester', '+43 1 234567']

/** Each character as four bytes. */
const utf32 = (text: string, isLittle: boolean) =>
  Buffer.concat(
    Array.from(text, (each) => {
      const bytes = Buffer.alloc(4)
      if (isLittle) bytes.writeUInt32LE(each.codePointAt(0) ?? 0)
      else bytes.writeUInt32BE(each.codePointAt(0) ?? 0)
      return bytes
    }),
  )

const joined = (delimiter: string, end = '\r\n') => [HEAD, ROW, []].map((cells) => cells.join(delimiter)).join(end)
const utf16 = (text: string) => Buffer.from(text, 'utf16le')
const latin = (text: string) => Buffer.from(text, 'latin1')

function startFolder({ isMade } = { isMade: true }) {
  const dir = mkdtempSync(join(tmpdir(), 'rejoin-text-'))
  const dataDir = join(dir, 'data')
  if (isMade) makeWorkspace(dataDir)
  const env = { REJOIN_DATA_DIR: dataDir, REJOIN_LOG_LEVEL: 'silent' }
  return {
    dataDir,
    take(content: Uint8Array, ...flags: string[]) {
      writeFileSync(join(dir, 'people.csv'), content)
      return rejoin(['import', 'people', 'people.csv', ...flags], { env, cwd: dir })
    },
    [Symbol.dispose]: () => rmSync(dir, { recursive: true }),
  }
}

it.each<[what: string, content: Uint8Array, ...flags: string[]]>([
  ['UTF-8', Buffer.from(joined(','))],
  ['UTF-8 with a mark and semicolons', Buffer.from(`\uFEFF${joined(';')}`)],
  ['UTF-16 with a mark and tabs', utf16(`\uFEFF${joined('\t')}`)],
  ['big-endian UTF-16 with a mark', utf16(`\uFEFF${joined(',')}`).swap16()],
  ['UTF-16 without a mark', utf16(joined(';')), '--encoding', 'utf-16'],
  ['a mark that says otherwise than the option', Buffer.from(`\uFEFF${joined(',')}`), '--encoding', 'windows-1252'],
  ['Windows-1252', latin(joined(';')), '--encoding', 'windows-1252'],
  ['ISO 8859-1, by its label', latin(joined(',')), '--encoding', 'ISO-8859-1'],
  ['the line ends of an old Mac', Buffer.from(joined(',', '\r'))],
  ['a line that says what the cells are kept apart by', Buffer.from(`sep=;\r\n${joined(';')}`)],
  ['such a line in quotes', Buffer.from(`\uFEFF"sep=|"\n${joined('|', '\n')}`)],
  ['letters with accents of their own', Buffer.from(joined(',').normalize('NFD'))],
])('reads people from %s', async (_what, content, ...flags) => {
  using folder = startFolder()
  const { out, errors, code } = await folder.take(content, ...flags)
  expect({ first: out.split('\n')[0], errors, code }).toEqual({
    first: '1 rows: 1 added, 0 already there, 0 left out',
    errors: '',
    code: 0,
  })
  const rows = rowsOnDisk(folder.dataDir, 'select name, phone from user')
  expect(rows).toEqual([{ name: NAME, phone: '+43 1 234567' }])
})

const FAULTS: [what: string, content: Uint8Array, flags: string[], problem: string][] = [
  [
    'UTF-16 without a mark, by where its NULs are',
    utf16(joined(';')),
    [],
    'If the file is UTF-16 text, add --encoding utf-16le.',
  ],
  [
    'the same, big-endian',
    utf16(joined(';')).swap16(),
    [],
    'byte 1 of line 1 is a NUL (0x00), which does not occur in utf-8 text. If the file is UTF-16 text, add --encoding utf-16be.',
  ],
  [
    'half a character that begins with 0x00',
    utf16('\uFEFFname\n\uD800x'),
    [],
    'byte 1 of line 2 (0xd800) is not valid utf-16le. The file is damaged, or in another encoding',
  ],
  [
    'the same, big-endian',
    utf16('\uFEFFname\n\uDC00x').swap16(),
    [],
    'byte 1 of line 2 (0xdc00) is not valid utf-16be',
  ],
  [
    'a NUL in UTF-16',
    utf16('\uFEFFname\nx\0y'),
    [],
    'byte 3 of line 2 is a NUL (0x0000), which does not occur in utf-16le',
  ],
  [
    'UTF-16 of an odd length',
    Buffer.concat([utf16('\uFEFFname\nx'), Buffer.from('y')]),
    [],
    'byte 3 of line 2 is half of a character: utf-16le text has an even number of bytes.',
  ],
  [
    'UTF-32',
    utf32(`\uFEFF${joined(',')}`, true),
    [],
    'people.csv is UTF-32 text, which is not supported. Save it as UTF-8',
  ],
  ['big-endian UTF-32', utf32(`\uFEFF${joined(',')}`, false), [], 'people.csv is UTF-32 text, which is not supported.'],
  ['UTF-32 without a mark', utf32(joined(','), true), [], 'The file seems to be UTF-32 text, which is not supported.'],
  ['the same, big-endian', utf32(joined(','), false), [], 'The file seems to be UTF-32 text, which is not supported.'],
  ['a single NUL', Buffer.from('name\nx\0y'), [], 'Check whether the file is text, or remove the NUL.'],
]

it.each<[what: string, content: Uint8Array, flags: string[], problem: string]>([
  [
    'what Excel on Windows saves as plain CSV',
    latin(joined(';')),
    [],
    'people.csv: byte 2 of line 2 (0xfc) is not valid utf-8. Save it as "CSV UTF-8", or name its encoding. For Excel on Windows',
  ],
  [
    'a character that is cut short',
    latin('name,email,role\n\nAda \xe2\x82'),
    [],
    'byte 5 of line 3 (0xe2) is not valid utf-8',
  ],
  [
    'UTF-16 without a mark',
    utf16(joined(';')),
    [],
    'byte 2 of line 1 is a NUL (0x00), which does not occur in utf-8 text.',
  ],
  [
    'half a character of UTF-16',
    utf16(`\uFEFFname\n\uD83Dx`),
    [],
    'byte 1 of line 2 (0xd83d) is not valid utf-16le. The file is damaged',
  ],
  ...FAULTS,
  ['any other encoding', latin(joined(';')), ['--encoding', 'ebcdic'], '"ebcdic" is not a supported encoding'],
])('refuses %s with its place, and makes no database', async (_what, content, flags, problem) => {
  using folder = startFolder({ isMade: false })
  const { errors, code } = await folder.take(content, ...flags)
  expect(errors).toContain(problem)
  expect([code === 0, existsSync(folder.dataDir)]).toEqual([false, false])
})

it('leaves out a name of which something was lost before', async () => {
  using folder = startFolder()
  const { out, code } = await folder.take(Buffer.from(joined(',').replace('ü', '\uFFFD')))
  expect(out).toContain('line 2: name: has a character that was lost')
  expect([code, rowsOnDisk(folder.dataDir, 'select id from user')]).toEqual([1, []])
})

const TIMES: readonly (readonly [written: string, read: string | null, order?: string])[] = [
  ['03-04-2016 09:00', '2016-04-03T09:00'],
  ['03-04-2016 09:00:07', '2016-04-03T09:00:07'],
  ['03.04.2016 09:00:07', '2016-04-03T09:00:07'],
  ['2016-04-03 09:00:07', '2016-04-03T09:00:07'],
  ['2016-04-03T09:00:07Z', '2016-04-03T09:00:07'],
  ['03/04/2016 09:00', null],
  ['03/04/2016 09:00', '2016-04-03T09:00', 'dmy'],
  ['03/04/2016 09:00:07', '2016-03-04T09:00:07', 'mdy'],
  ['03-04-2016 09:00', '2016-03-04T09:00', 'mdy'],
  ['2016-04-03 09:00', '2016-04-03T09:00', 'mdy'],
  ['31-04-2016 09:00', null],
  ['13/14/2016 09:00', null, 'mdy'],
  ['2016-02-30 09:00:00', null],
  ['2016-04-03 25:00:00', null],
]

it.each([undefined, 'dmy', 'mdy'])(
  'reads the dates of a log, or names the row (order: %s)',
  async (order) => {
    using place = startPlace()
    const cases = TIMES.filter(([, , each]) => each === order)
    const rows = cases.map(([written], index): Cells => {
      return { ...OPENED, number: `INC${index}`, opened_at: written, sys_updated_at: '2020-01-01 00:00:00' }
    })
    const flags = order === undefined ? [] : ['--dates', order]
    const { stdout } = await place.run(place.write('log.csv', csv(rows)), '--json', ...flags)
    const { skippedRows } = JSON.parse(stdout) as { skippedRows: { line: number; field: string; reason: string }[] }
    const tickets = rowsOnDisk(place.dataDir, 'select title, createdAt from ticket')
    const read = new Map(tickets.map(({ title, createdAt }) => [String(title).split(':')[0], createdAt]))
    cases.forEach(([written, time], index) => {
      expect([written, read.get(`INC${index}`) ?? null]).toEqual([written, time === null ? null : at(time)])
      const skipped = skippedRows.find(({ line }) => line === index + 2)
      expect(skipped?.field).toBe(time === null ? 'opened_at' : undefined)
      const isUnclear = written.includes('/') && order === undefined
      expect(skipped?.reason.includes('add --dates dmy or --dates mdy') ?? false).toBe(isUnclear)
    })
  },
  120_000,
)

it('reads a zipped log of another encoding with semicolons, and names the line that it cannot decode', async () => {
  using place = startPlace()
  const rows = [1, 2, 3].map((index) => ({ ...OPENED, number: `INC${index}`, caller_id: NAME }))
  const text = csv(rows).replaceAll(',', ';')
  const plain = await place.run(place.write('log.csv.gz', gzipSync(latin(text))), '--json')
  const { length } = text.split('\r\n')[1]?.split('ü')[0] ?? ''
  expect(plain.stderr).toContain(`log.csv.gz: byte ${length + 1} of line 2 (0xfc) is not valid utf-8.`)
  const { stdout } = await place.run('log.csv.gz', '--json', '--encoding', 'windows-1252')
  expect(JSON.parse(stdout)).toMatchObject({ rows: 3, taken: 3 })
  expect(rowsOnDisk(place.dataDir, `select 1 from user where name = '${NAME}'`)).toHaveLength(1)

  using other = startPlace()
  const told = `\uFEFFsep=\t\r\n${csv(rows).replaceAll(',', '\t')}`
  const { stdout: report } = await other.run(other.write('log.csv', utf16(`${told}INC9\tNew\r\n`)), '--json')
  const cells = `has 2 columns where the header has ${COLUMNS.length}`
  expect(JSON.parse(report)).toMatchObject({ taken: 3, skippedRows: [{ line: 6, reason: cells }] })
}, 120_000)

/** `rejoin import servicenow`: bad rows, repeats, crashes, dry runs, and what it refuses. */
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { watch } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { DATABASE_FILE } from '@rejoin/server/core/storage/sqlite.ts'
import { rowsOnDisk } from '../harness/database.ts'
import { COLUMNS, OPENED, LIFE, csv, manyIncidents, startPlace } from './place.ts'

it('names each row that it cannot read by its line, and takes the others', async () => {
  using place = startPlace()
  const [first = {}, second = {}, third = {}] = LIFE
  const rows = [
    first,
    { ...second, incident_state: '-100' },
    { ...second, sys_updated_at: '31-02-2016 09:30' },
    { ...second, number: '?' },
    { ...second, priority: 'soon' },
    second,
    third,
  ]
  const lines = csv(rows).split('\r\n')
  lines.splice(3, 0, 'INC1,Active,0', '')
  const { code, stdout } = await place.run(place.write('log.csv', lines.join('\r\n')), '--json')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    rows: 8,
    taken: 3,
    skipped: 5,
    skippedRows: [
      {
        line: 3,
        field: 'incident_state',
        reason: expect.stringMatching(/^"-100" is not one of New, Active, Awaiting/),
      },
      { line: 4, field: null, reason: `has 3 columns where the header has ${COLUMNS.length}` },
      {
        line: 6,
        field: 'sys_updated_at',
        reason: '"31-02-2016 09:30" is not a time such as 29-02-2016 01:16 or 2016-02-29 01:16:00',
      },
      { line: 7, field: 'number', reason: 'is missing' },
      { line: 8, field: 'priority', reason: expect.stringMatching(/^"soon" is not one of 1 - Critical/) },
    ],
  })
})

it('prints twenty of the rows that it skipped and counts the rest; with none left it ends with 1', async () => {
  using place = startPlace()
  const rows = Array.from({ length: 25 }, () => ({ ...OPENED, opened_at: 'yesterday' }))
  const { code, stdout } = await place.run(place.write('log.csv', csv(rows)))
  expect(stdout.match(/line \d+: opened_at: "yesterday" is not a time/g)).toHaveLength(20)
  expect(stdout).toContain('and 5 more')
  expect(code).toBe(1)
})

it('changes nothing when it takes the same log in again, plain or gzipped under any name', async () => {
  using place = startPlace()
  const text = csv([...LIFE, { ...OPENED, number: 'INC2' }])
  await place.run(place.write('log.csv', text))
  const before = await place.content()
  const { stdout } = await place.run(place.write('again.csv', gzipSync(text)), '--json')
  expect(JSON.parse(stdout)).toMatchObject({ rows: 8, taken: 0, alreadyThere: 8, created: { tickets: 0, users: 0 } })
  expect(await place.content()).toEqual(before)
})

it('takes a row once that stands twice in a log', async () => {
  using place = startPlace()
  const { stdout } = await place.run(place.write('log.csv', csv([OPENED, OPENED])), '--json')
  expect(JSON.parse(stdout)).toMatchObject({ rows: 2, taken: 1, alreadyThere: 1, created: { tickets: 1 } })
})

it('comes to the same after it was killed in the middle', async () => {
  using whole = startPlace()
  using killed = startPlace()
  const text = csv(manyIncidents(150))
  for (const place of [whole, killed]) await place.run(place.write('before.csv', csv([{ ...OPENED, number: 'INC0' }])))
  await whole.run(whole.write('log.csv', text))

  const child = killed.start(killed.write('log.csv', text))
  for await (const _ of watch(killed.dataDir)) if (ticketCount(killed.dataDir) > 1) break
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(ticketCount(killed.dataDir)).toBeLessThan(151)
  const { stdout } = await killed.run('log.csv', '--json')
  const { taken, alreadyThere } = JSON.parse(stdout) as { taken: number; alreadyThere: number }
  expect([taken + alreadyThere, taken > 0, alreadyThere > 0]).toEqual([1050, true, true])
  expect(await killed.content()).toEqual(await whole.content())
}, 120_000)

function ticketCount(dataDir: string): number {
  return rowsOnDisk(dataDir, 'select id from ticket').length
}

it('keeps what it imported before a quote that is never closed, says so, and goes on from there', async () => {
  using place = startPlace()
  const text = csv(manyIncidents(150))
  const broken = await place.run(place.write('log.csv', `${text}"INC2,New`), '--json')
  expect(broken.code).toBe(1)
  expect(broken.stderr).toMatch(/^log.csv is not well-formed CSV: a quote is not closed/)
  const { taken, stopped } = JSON.parse(broken.stdout) as { taken: number; stopped: string }
  expect([taken > 0, stopped.includes('quote')]).toEqual([true, true])
  const { stdout } = await place.run(place.write('log.csv', text), '--json')
  expect(JSON.parse(stdout)).toMatchObject({ rows: 1050, taken: 1050 - taken, alreadyThere: taken, stopped: null })
})

it('takes nothing of a log whose end cannot be read, and every row of one with several line ends', async () => {
  using place = startPlace()
  const text = csv(manyIncidents(75))
  const zipped = gzipSync(text)
  const lines = text.split('\r\n')
  const spoilt = Buffer.from([...lines.slice(0, 501), '\xff', ...lines.slice(501)].join('\r\n'), 'latin1')
  for (const [name, content, says] of [
    ['log.csv', spoilt, 'log.csv: byte 1 of line 502 (0xff) is not valid utf-8.'],
    ['log.csv.gz', zipped.subarray(0, zipped.length - 500), 'log.csv.gz is damaged: its gzip data is cut off'],
  ] as const) {
    const { code, stdout, stderr } = await place.run(place.write(name, content))
    expect(stderr).toContain(says)
    expect([code, stdout, rowsOnDisk(place.dataDir, 'select id from ticket')]).toEqual([1, '', []])
  }
  const ends = ['\r\n', '\n', '\n', '\r\n', '\r']
  const mixed = lines.map((line, index) => (line === '' ? '' : `${line}${ends[index % ends.length]}`)).join('')
  const { stdout } = await place.run(place.write('mixed.csv', mixed), '--json')
  expect(JSON.parse(stdout)).toMatchObject({ rows: 525, taken: 525, skipped: 0, created: { tickets: 75 } })
})

it('says what it would do and writes nothing in a dry run', async () => {
  using place = startPlace()
  place.write('log.csv', csv(LIFE.slice(0, 3)))
  const { code, stdout } = await place.run('log.csv', '--dry-run')
  expect(stdout).toMatch(/^Dry run: nothing was written.*\n3 rows/)
  expect([code, rowsOnDisk(place.dataDir, 'select id from ticket')]).toEqual([0, []])

  await place.run('log.csv')
  const before = await place.content()
  const later = await place.run(place.write('later.csv', csv(LIFE)), '--dry-run', '--json')
  expect(JSON.parse(later.stdout)).toMatchObject({ dryRun: true, taken: 4, alreadyThere: 3, created: { tickets: 0 } })
  expect(await place.content()).toEqual(before)
})

it('refuses while a server has the data directory, a dry run too', async () => {
  using place = startPlace()
  place.write('log.csv', csv(LIFE))
  await using _server = await place.open()
  for (const flags of [[], ['--dry-run']]) {
    const { code, stdout, stderr } = await place.run('log.csv', ...flags)
    expect(stderr).toMatch(/^The data directory .* is in use by process \d+ on .+, since 2.+Z\./)
    expect([code, stdout]).toEqual([1, ''])
  }
})

it.each<[string, string | Buffer | null, string]>([
  ['none.csv', null, 'There is no file none.csv.'],
  ['.', null, '. is a folder, not a file.'],
  ['empty.csv', '', 'empty.csv is empty.'],
  ['header.csv', csv([]), 'header.csv has columns but no rows.'],
  [
    'log.json',
    '{"a": 1}',
    'log.json is not a ServiceNow incident log: its first line has none of the expected columns',
  ],
  ['other.csv', 'number,priority\n1,2\n', 'the columns incident_state, reopen_count'],
  ['gzip-of-nothing', Buffer.from([31, 139, 0, 0]), 'gzip-of-nothing is damaged: its gzip data is cut off'],
  ['half.gz', gzipSync(csv(LIFE)).subarray(0, -20), 'half.gz is damaged: its gzip data is cut off'],
  ['quote.csv', `${csv(LIFE)}"INC2,New`, 'quote.csv is not well-formed CSV: a quote is not closed'],
])('refuses %s in a sentence, with nothing written', async (name, content, says) => {
  using place = startPlace()
  if (content !== null) place.write(name, content)
  const { code, stdout, stderr } = await place.run(name)
  expect(stderr).toContain(says)
  expect([code, stdout, stderr.split('\n').length, readdirSync(place.dataDir)]).toEqual([1, '', 2, [DATABASE_FILE]])
})

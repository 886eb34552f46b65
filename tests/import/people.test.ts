/** People as CSV, by the command line as an operator would. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { DATABASE_FILE } from '@rejoin/server/core/storage/sqlite.ts'
import { rowsOnDisk } from '../harness/database.ts'
import { makeWorkspace } from '../harness/empty-workspace.ts'
import { rejoin } from '../harness/rejoin.ts'

function startPlace() {
  const dir = mkdtempSync(join(tmpdir(), 'rejoin-people-'))
  const dataDir = join(dir, 'data')
  makeWorkspace(dataDir)
  const env = { REJOIN_DATA_DIR: dataDir, REJOIN_LOG_LEVEL: 'silent' }
  return {
    dir,
    dataDir,
    run: (...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
      rejoin(words, { env, cwd: dir }).then(({ code, out, errors }) => ({ code, stdout: out, stderr: errors })),
    write: (name: string, lines: readonly string[]) => writeFileSync(join(dir, name), `${lines.join('\r\n')}\r\n`),
    people: () => rowsOnDisk(dataDir, 'select number, name, email, role, status, phone from user order by number'),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true }),
  }
}

it('adds the people of a file, names each bad line, and changes nothing the second time', async () => {
  using place = startPlace()
  place.write('people.csv', [
    'Name,Email,Role,departments,phone',
    'Rita,rita@example.com,requester,,+43 1 234567',
    'Ada,not an address,agent,,',
    'Bob,bob@example.com,boss,,',
    '"Zoë, Dr.",zoe@example.com,supervisor,,',
    'Eve,eve@example.com,agent,Nowhere,',
    'Rita again,RITA@example.com,admin,,',
    'Otto,otto@example.com,requester,,call me',
  ])
  const first = await place.run('import', 'people', 'people.csv')
  expect(first.stdout.split('\n')).toEqual([
    '7 rows: 2 added, 1 already there, 4 left out',
    expect.stringMatching(/^line 3: email: /),
    expect.stringMatching(/^line 4: role: /),
    'line 6: departments: there is no department Nowhere.',
    expect.stringMatching(/^line 8: phone: /),
    expect.stringMatching(/^No mail server is configured/),
    '',
  ])
  expect(first.code).toBe(1)
  const people = [
    {
      number: 'CUS-0001',
      name: 'Rita',
      email: 'rita@example.com',
      role: 'requester',
      status: 'active',
      phone: '+43 1 234567',
    },
    {
      number: 'TEC-0001',
      name: 'Zoë, Dr.',
      email: 'zoe@example.com',
      role: 'supervisor',
      status: 'active',
      phone: null,
    },
  ]
  expect(place.people()).toEqual(people)
  const second = await place.run('import', 'people', 'people.csv')
  expect(second.stdout).toContain('7 rows: 0 added, 3 already there, 4 left out')
  expect(place.people()).toEqual(people)
})

it('writes cells that no spreadsheet takes for a formula, and reads them back as they were', async () => {
  using place = startPlace()
  const names = ['=HYPERLINK("http://evil.example")', '+1+1', '-2', '@SUM(A1)', "O'Neill", "'quoted'", 'A "b", c;d']
  names.push("'=1+1", "''@x", '\uFF1D2', 'Zoë van Dam')
  // As in any file that is read, one apostrophe before a formula is taken off.
  const cells = names.map((name) => (/^'+[=@]/.test(name) ? `'${name}` : name))
  const rows = cells.map((cell, index) => `"${cell.replaceAll('"', '""')}",p${index}@example.com,requester`)
  place.write('people.csv', ['name,email,role', ...rows])
  expect((await place.run('import', 'people', 'people.csv')).code).toBe(0)
  await place.run('export', 'people', 'out.csv')
  const text = readFileSync(join(place.dir, 'out.csv'), 'utf8')
  for (const cell of text.split(/[,\n]/)) expect(cell).not.toMatch(/^"?[=+\-@]/)
  expect(statSync(join(place.dir, 'out.csv')).mode & 0o077).toBe(0)
  expect(rowsOnDisk(place.dataDir, `select type from audit where type = 'people-exported'`)).toHaveLength(1)

  using other = startPlace()
  writeFileSync(join(other.dir, 'in.csv'), text)
  expect((await other.run('import', 'people', 'in.csv')).stdout).toContain('11 added')
  expect(other.people()).toEqual(place.people())
  expect(new Set(other.people().map(({ name }) => name))).toEqual(new Set(names))
  const { stdout } = await other.run('export', 'people')
  expect(stdout).toBe(text)
  expect([text[0], (await other.run('export', 'people', '--no-bom')).stdout]).toEqual(['\uFEFF', text.slice(1)])
})

it.each([
  { what: 'a file that is not there', lines: null, problem: 'There is no file people.csv' },
  { what: 'an empty file', lines: [], problem: 'lacks the columns name, email, role' },
  { what: 'a file without a role', lines: ['name,email'], problem: 'lacks the columns role' },
  { what: 'an open quote', lines: ['name,email,role', '"Ada,ada@example.com,agent'], problem: 'cannot be read as CSV' },
])('refuses $what, and opens no database', async ({ lines, problem }) => {
  using place = startPlace()
  if (lines !== null) place.write('people.csv', lines)
  const { code, stderr } = await place.run('import', 'people', 'people.csv')
  expect(code).toBe(1)
  expect(stderr).toContain(problem)
  expect(readdirSync(place.dataDir)).toEqual([DATABASE_FILE])
})

/** What the operator gets wrong: one clear sentence and what to do, exit code 1, and nothing touched. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { lockDataDir } from '@rejoin/server/core/storage/data-lock.ts'
import { openDatabase } from '@rejoin/server/core/storage/db.ts'
import { makeWorkspace } from '../harness/empty-workspace.ts'
import { SETTINGS_LINE } from '../harness/rejoin.ts'
import { ENVIRONMENT, MAIN } from '../harness/program/program.ts'

/** Where Node keeps the compiled program between starts. */

interface Mistake {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Sets the stage in the data directory; what it answers with is called in the end. */
  readonly prepare?: (dataDir: string) => Promise<() => void> | void
  readonly says: RegExp
  /** The server gets far enough to make its database. */
  readonly isOpened?: boolean
}

const TOO_NEW = /^The database is newer than this program: .*9999-from-the-future.* Start the version of Rejoin/

const MISTAKES: Readonly<Record<string, Mistake>> = {
  'a command there is none of': { args: ['conquer'], says: /^error: unknown command 'conquer'\n\(run "rejoin help"/ },
  'a flag there is none of': {
    args: ['serve', '--port'],
    says: /^error: unknown option '--port'\n\(run "rejoin help"/,
  },
  'a word too many': { args: ['serve', 'now'], says: /^error: too many arguments .*\n\(run "rejoin help"/ },
  'a file that is not named': { args: ['import', 'servicenow'], says: /^error: missing required argument 'file'\n/ },
  'a port that is no number': { env: { REJOIN_PORT: 'eighty' }, says: /^REJOIN_PORT must be a whole number\.$/ },
  'a port that is half a number': { env: { REJOIN_PORT: '1.5' }, says: /^REJOIN_PORT must be a whole number\.$/ },
  'a port beyond all ports': { env: { REJOIN_PORT: '65536' }, says: /^REJOIN_PORT must be a port, 0 to 65535\.$/ },
  'a variable there is none of': {
    env: { REJOIN_PROT: '4700' },
    says: /^REJOIN_PROT is not a setting\. Settings: .*REJOIN_PORT/,
  },
  'a cron pattern that is none': {
    env: { REJOIN_SLA_SWEEP: 'every minute' },
    says: /^REJOIN_SLA_SWEEP is not a cron pattern such as/,
  },
  'a level that there is no log of': { env: { REJOIN_LOG_LEVEL: 'loud' }, says: /^REJOIN_LOG_LEVEL .*"trace"/ },
  'an address of another machine': {
    env: { REJOIN_HOST: '203.0.113.7' },
    says: /^The address 203\.0\.113\.7:0 cannot be used .* Set REJOIN_HOST or REJOIN_PORT\.$/,
    isOpened: true,
  },
  'an address that is none': {
    env: { REJOIN_HOST: 'x'.repeat(64) },
    says: /^The address x{64}:0 cannot be .* Set REJOIN_HOST or REJOIN_PORT\.$/,
    isOpened: true,
  },
  'a data directory that is a file': {
    prepare: (dataDir) => writeFileSync(join(dataDir, 'data'), 'my letters'),
    env: { REJOIN_DATA_DIR: 'data' },
    says: /^The data directory .*data cannot be used: .* REJOIN_DATA_DIR\.$/,
  },
  'a data directory in a file': {
    prepare: (dataDir) => writeFileSync(join(dataDir, 'data'), 'my letters'),
    env: { REJOIN_DATA_DIR: 'data/rejoin' },
    says: /^The data directory .*data\/rejoin cannot be used: .* REJOIN_DATA_DIR\.$/,
  },
  'a database that is none': {
    prepare: (dataDir) => writeFileSync(join(dataDir, 'rejoin.db'), 'my letters '.repeat(500)),
    says: /^The database .*rejoin\.db cannot be opened: .* Restore it from a backup\.$/,
  },
  'a database that is a folder': {
    prepare: (dataDir) => mkdirSync(join(dataDir, 'rejoin.db')),
    says: /^The database .*rejoin\.db cannot be opened: /,
  },
  'a lock that is no lock': {
    prepare: (dataDir) => writeFileSync(join(dataDir, 'rejoin.lock'), 'my letters '.repeat(500)),
    says: /^The data directory .* cannot be used: .* REJOIN_DATA_DIR\.$/,
  },
  'a database of a later program': {
    async prepare(dataDir) {
      const db = await openDatabase(dataDir)
      await sql`insert into migration (name, timestamp) values ('9999-from-the-future', 'later')`.execute(db.writer)
      await db.close()
      return () => undefined
    },
    says: TOO_NEW,
  },
  'a doctor with nothing to look at': {
    args: ['doctor'],
    says: /^There is no database .*rejoin\.db\. Name its .*"rejoin init" makes a new one\.$/,
  },
  'a head of the audit log that is none': { args: ['doctor', '--audit-head', 'x'], says: /^error: .*number:hash/ },
  'a doctor for the database of an earlier program': {
    args: ['doctor'],
    async prepare(dataDir) {
      const db = await openDatabase(dataDir)
      await sql`delete from migration where name = (select max(name) from migration)`.execute(db.writer)
      await db.close()
      return () => undefined
    },
    says: /^The database is older than this program\. Start the server once, which brings it up to date\.$/,
    isOpened: true,
  },
  'somebody unknown who has lost their second step': {
    args: ['user', 'reset-mfa', 'eve@example.com'],
    prepare: makeWorkspace,
    says: /^No account has the address eve@example\.com\. Check the address\.$/,
    isOpened: true,
  },
  'a data directory that another process has': {
    async prepare(dataDir) {
      const lock = lockDataDir(dataDir)
      return () => lock.release()
    },
    says: new RegExp(
      `^The data directory .* is in use by process ${process.pid} on .+, since 2.+Z\\. Stop that process first`,
    ),
  },
}

async function run(cwd: string, { args = ['serve'], env = {} }: Mistake) {
  // A slow machine may be worth a warning.
  const quiet = { REJOIN_LOG_LEVEL: 'error' }
  const variables = { ...ENVIRONMENT, ...quiet, REJOIN_DATA_DIR: cwd, REJOIN_PORT: '0', ...env }
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: variables, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, errors]: [string[], string[]] = [[], []]
  child.stdout.on('data', (data: Buffer) => void out.push(data.toString()))
  child.stderr.on('data', (data: Buffer) => void errors.push(data.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out: out.join(''), says: errors.join('').replace(SETTINGS_LINE, '').trim() }
}

/** Every file below a folder, with its content; without the lock, which is nobody's data. */
function filesOf(dir: string): Record<string, string> {
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !name.startsWith('rejoin.lock'),
  )
  return Object.fromEntries(
    names.map((name) => {
      const path = join(dir, name)
      return [name, statSync(path).isDirectory() ? 'a folder' : readFileSync(path, 'latin1')]
    }),
  )
}

async function inFolder(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'rejoin-mistake-'))
  try {
    await use(dir)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

it.concurrent.each(Object.entries(MISTAKES))('says in one sentence what is wrong with %s', async (_name, mistake) => {
  await inFolder(async (dir) => {
    const undo = await mistake.prepare?.(dir)
    const before = filesOf(dir)
    const { code, out, says } = await run(dir, mistake)
    undo?.()
    expect(says).toMatch(mistake.says)
    expect(says).not.toMatch(/^\s+at /m)
    expect(says.split('\n').length).toBeLessThanOrEqual(2)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(mistake.isOpened === true ? before : filesOf(dir)).toEqual(before)
  })
})

it('says in one sentence that the port is in use', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' && address !== null ? String(address.port) : ''
  await inFolder(async (dir) => {
    const { code, out, says } = await run(dir, { env: { REJOIN_PORT: port }, says: /./ })
    expect(says).toBe(`The address 127.0.0.1:${port} is in use. Set REJOIN_HOST or REJOIN_PORT.`)
    expect({ code, out }).toEqual({ code: 1, out: '' })
  })
  other.close()
})

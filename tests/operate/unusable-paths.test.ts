/** Places that cannot be used: one sentence with the cause, what to do, exit code 1, and the data as it was. */
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeBackup } from '@rejoin/server/operations/backup/make.ts'
import { openDatabase } from '@rejoin/server/core/storage/db.ts'
import type { Finding } from '@rejoin/server/cli/doctor/finding.ts'
import { problemsIn } from '@rejoin/server/core/storage/whole-file.ts'
import { CAN_MOUNT, mountSmall } from '../harness/mount.ts'
import { rejoin, rejoinApart, type Run } from '../harness/rejoin.ts'

const NOBODY = 65_534
const IS_ROOT = process.getuid?.() === 0
const SETTINGS = { REJOIN_PORT: '0' }

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A data directory with a database, closed. */
async function aDatabaseIn(dataDir: string): Promise<Buffer> {
  mkdirSync(dataDir, { recursive: true })
  await (await openDatabase(dataDir)).close()
  return readFileSync(join(dataDir, 'rejoin.db'))
}

/** Until nothing more fits. */
function fill(path: string): void {
  const file = openSync(path, 'w')
  try {
    for (const size of [65_536, 1024, 1]) {
      const block = Buffer.alloc(size, 'x')
      for (let written = size; written === size;) written = writeSync(file, block)
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  } finally {
    closeSync(file)
  }
}

function expectOneSentence({ code, out, errors }: Run, says: RegExp): void {
  expect(errors).toMatch(says)
  expect({ code, out, lines: errors.trim().split('\n').length }).toEqual({ code: 1, out: '', lines: 1 })
}

it.skipIf(!CAN_MOUNT)(
  'says that the disk is full when the server starts, and when a backup does not fit',
  async () => {
    using disk = mountSmall('size=2m')
    const dataDir = join(disk.folder, 'data')
    const before = await aDatabaseIn(dataDir)
    fill(join(disk.folder, 'filler'))
    expectOneSentence(
      await rejoinApart(['serve', '--data-dir', dataDir], { env: SETTINGS }),
      /(full|no space).*(disk|REJOIN_DATA_DIR)/i,
    )
    expect(readFileSync(join(dataDir, 'rejoin.db')).equals(before)).toBe(true)

    const other = join(folder, 'data')
    await aDatabaseIn(other)
    const backup = await rejoin(['backup', '--data-dir', other, '--to', disk.folder])
    expectOneSentence(backup, /^Cannot write a backup of .* ENOSPC.* Check that .* the disk is not full\./)
    expect(readdirSync(disk.folder).toSorted()).toEqual(['data', 'filler'])
    expect(readdirSync(other).filter((name) => name.startsWith('backup-'))).toEqual([])
    rmSync(join(disk.folder, 'filler'))
    expect(await rejoin(['backup', '--data-dir', other, '--to', disk.folder])).toMatchObject({ code: 0 })
  },
  60_000,
)

it.skipIf(!CAN_MOUNT)(
  'says that a directory is on a disk that cannot be written',
  async () => {
    using disk = mountSmall('size=8m')
    const dataDir = join(disk.folder, 'data')
    await aDatabaseIn(dataDir)
    disk.remount('ro')
    const says =
      /^The data directory .* cannot be used: .*(read-?only|unable to open).* Name a folder where this user may write/i
    expectOneSentence(await rejoinApart(['serve', '--data-dir', dataDir], { env: SETTINGS }), says)
    disk.remount('rw')
    expect(problemsIn(join(dataDir, 'rejoin.db'))).toEqual([])
  },
  60_000,
)

it.skipIf(!CAN_MOUNT)(
  'is told by the doctor of a disk from which nothing may be loaded',
  async () => {
    using disk = mountSmall('size=8m,noexec')
    const dataDir = join(disk.folder, 'data')
    await aDatabaseIn(dataDir)
    const look = async (env: Readonly<Record<string, string>>) => {
      const { out } = await rejoinApart(['doctor', '--json', '--data-dir', dataDir], { env })
      return (JSON.parse(out) as { findings: Finding[] }).findings.find(({ check }) => check === 'mount')
    }
    expect(await look({})).toMatchObject({ severity: 'note', message: expect.stringContaining('mounted noexec') })
    expect(await look({ TMPDIR: disk.folder })).toMatchObject({
      severity: 'warning',
      hint: expect.stringContaining('Set TMPDIR'),
    })
  },
  60_000,
)

it.skipIf(!IS_ROOT).each([
  { what: 'a directory of another user', mode: 0o700 },
  { what: 'a directory in which this user may only read', mode: 0o555 },
])(
  'says that $what cannot be used',
  async ({ mode }) => {
    const dataDir = join(folder, 'data')
    const before = await aDatabaseIn(dataDir)
    chmodSync(folder, 0o755)
    chmodSync(dataDir, mode)
    const run = await rejoinApart(['serve', '--data-dir', dataDir], { env: SETTINGS, uid: NOBODY, cwd: '/' })
    expectOneSentence(run, /^The data directory .*data cannot be used: .* Name a folder where this user may write/)
    expect(readFileSync(join(dataDir, 'rejoin.db')).equals(before)).toBe(true)
  },
  60_000,
)

it.skipIf(!IS_ROOT)(
  'says that a file in the directory belongs to somebody else',
  async () => {
    const dataDir = join(folder, 'data')
    const before = await aDatabaseIn(dataDir)
    chmodSync(folder, 0o755)
    chownSync(dataDir, NOBODY, NOBODY)
    chmodSync(join(dataDir, 'rejoin.db'), 0o600)
    const run = await rejoinApart(['serve', '--data-dir', dataDir], { env: SETTINGS, uid: NOBODY, cwd: '/' })
    expectOneSentence(run, /^The database .*rejoin\.db cannot be opened: .* this user may write there/)
    expect(readFileSync(join(dataDir, 'rejoin.db')).equals(before)).toBe(true)
  },
  60_000,
)

it.skipIf(!IS_ROOT)(
  'restores into an empty folder of its own whose surroundings belong to somebody else',
  async () => {
    const source = join(folder, 'source')
    await aDatabaseIn(source)
    const { file } = await makeBackup({ dataDir: source, folder, key: null, version: '0.1.0', now: 0 })
    const dataDir = join(folder, 'data')
    mkdirSync(dataDir)
    for (const path of [dataDir, file]) chownSync(path, NOBODY, NOBODY)
    chmodSync(folder, 0o755)
    const asNobody = { uid: NOBODY, cwd: '/' }
    expect(await rejoinApart(['restore', file, '--data-dir', dataDir], asNobody)).toMatchObject({ code: 0, errors: '' })
    expect(readdirSync(dataDir).filter((name) => name.startsWith('.restore'))).toEqual([])
    expect(problemsIn(join(dataDir, 'rejoin.db'))).toEqual([])
    const elsewhere = await rejoinApart(['restore', file, '--data-dir', join(folder, 'other')], asNobody)
    expectOneSentence(
      elsewhere,
      /^The data directory .*other cannot be used: .* Name a folder where this user may write/,
    )
  },
  60_000,
)

it('says that a database is damaged within, and changes nothing of it', async () => {
  const dataDir = join(folder, 'data')
  const bytes = await aDatabaseIn(dataDir)
  bytes.fill(0x5a, 4096, 12_288)
  writeFileSync(join(dataDir, 'rejoin.db'), bytes)
  const run = await rejoinApart(['serve', '--data-dir', dataDir], { env: SETTINGS })
  expectOneSentence(run, /^The database .* Restore it from a backup\./)
  expect(readFileSync(join(dataDir, 'rejoin.db')).equals(bytes)).toBe(true)
}, 60_000)

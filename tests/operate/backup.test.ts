/** Backups: made beside a server at work, checked, kept in number, and restored as a whole or not at all. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { newKeyPair } from '@rejoin/server/operations/backup/encryption.ts'
import { aheadIn, backupsIn, nameOf, removeOld } from '@rejoin/server/operations/backup/folder.ts'
import { makeBackup, type Backup, type BackupRequest } from '@rejoin/server/operations/backup/make.ts'
import { checkArchive, unpackArchive } from '@rejoin/server/operations/backup/read-archive.ts'
import { createLog } from '@rejoin/server/core/runtime/log.ts'
import { rejoin } from '../harness/rejoin.ts'
import { rowsOnDisk } from '../harness/database.ts'
import { startWorld, type World } from '../harness/world.ts'
import { account, enrolled } from '../access/callers.ts'
import { HOUR, setScene } from '../sync/restore/scene.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const AT = Date.UTC(2026, 10, 28, 2, 30)

function backUp({ dataDir }: Pick<World, 'dataDir'>, request: Partial<BackupRequest> = {}): Promise<Backup> {
  return makeBackup({ dataDir, folder: join(folder, 'backups'), key: null, version: '0.1.0', now: AT, ...request })
}

it('backs up a server at work, and devices bring back what was done since', async () => {
  await using world = await startWorld()
  const { ada, mine } = await setScene(world)
  // Comments keep coming in while the backup is made by another process.
  const making = rejoin(['backup', '--json', '--data-dir', world.dataDir, '--to', folder])
  const ended = new AbortController()
  void making.finally(() => ended.abort())
  const said: string[] = []
  while (!ended.signal.aborted) {
    said.push(`Comment ${said.length}`)
    await ada.tickets.comment({ ticketId: mine.id, body: said.at(-1) ?? '' })
    await ada.settled()
  }
  const made = await making
  expect(made).toMatchObject({ code: 0, errors: '' })
  const { file } = JSON.parse(made.out) as { file: string }

  const elsewhere = join(folder, 'elsewhere')
  const restored = await rejoin(['restore', file, '--json', '--data-dir', elsewhere])
  expect(restored).toMatchObject({ code: 0, errors: '' })
  expect(JSON.parse(restored.out)).toMatchObject({ ok: true, tickets: 3, rebuilt: 0, setAside: 0 })
  const kept = rowsOnDisk(elsewhere, 'select body from comment order by seq').map((row) => row['body'])
  expect(kept).toEqual(said.slice(0, kept.length))

  await world.restore(elsewhere)
  await world.converge()
  expect(ada.view(mine.id)?.comments.map(({ body }) => body)).toEqual(said)
}, 60_000)

it('starts a new epoch at each restore, even if nothing was lost', async () => {
  await using world = await startWorld()
  await setScene(world)
  const { file } = await backUp(world)
  const epochOf = (dataDir: string) => rowsOnDisk(dataDir, `select value from meta where key = 'epoch'`)
  const target = join(folder, 'target')
  expect(await rejoin(['restore', file, '--data-dir', target])).toMatchObject({ code: 0 })
  expect(epochOf(target)).not.toEqual(epochOf(world.dataDir))
  const [told] = rowsOnDisk(target, `select type from audit order by number desc limit 1`)
  expect(told).toEqual({ type: 'server-restored' })
}, 60_000)

it('holds the key of second steps where the data directory does, so that they work after a restore', async () => {
  await using world = await startWorld()
  await enrolled(world, await account(world, 'agent'))
  const { file } = await backUp(world)
  const target = join(folder, 'target')
  expect(await rejoin(['restore', file, '--data-dir', target])).toMatchObject({ code: 0, errors: '' })
  const key = (dataDir: string) => readFileSync(join(dataDir, 'secret.key'), 'utf8')
  expect(key(target)).toBe(key(world.dataDir))
}, 60_000)

it('refuses to restore over anything, and over what a server works on', async () => {
  await using world = await startWorld()
  const { file } = await backUp(world)
  const live = await rejoin(['restore', file, '--data-dir', world.dataDir])
  expect(live).toMatchObject({ code: 1, out: '', errors: expect.stringContaining(`in use by process ${process.pid}`) })
  const other = join(folder, 'letters')
  mkdirSync(other)
  writeFileSync(join(other, 'letter.txt'), 'Dear Ada')
  const full = await rejoin(['restore', file, '--data-dir', other])
  expect(full).toMatchObject({ code: 1, out: '', errors: expect.stringContaining('is not empty. Name another one') })
  expect(readdirSync(other)).toEqual(['letter.txt'])
}, 60_000)

it('is whole or not there: of a restore that fails nothing is left', async () => {
  await using world = await startWorld()
  const { file } = await backUp(world)
  const bytes = readFileSync(file)
  bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 0xff
  const broken = join(folder, 'broken.tar.zst')
  writeFileSync(broken, bytes)
  const target = join(folder, 'target')
  for (const args of [['--verify'], ['--data-dir', target]]) {
    const { code, out, errors } = await rejoin(['restore', broken, ...args])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(errors).toMatch(/broken\.tar\.zst cannot be restored: .* Use another backup\.\n$/)
  }
  expect(readdirSync(folder).toSorted()).toEqual(['backups', 'broken.tar.zst'])
}, 60_000)

it.each([
  { what: 'a file cut short', change: (bytes: Buffer) => bytes.subarray(0, bytes.length - 100) },
  { what: 'a file with a part overwritten', change: (bytes: Buffer) => Buffer.from(bytes).fill(7, 200, 300) },
  { what: 'an empty file', change: () => Buffer.alloc(0) },
  { what: 'a file of something else', change: () => Buffer.from('my letters '.repeat(1000)) },
])('notices $what', async ({ change }) => {
  await using world = await startWorld()
  const { file } = await backUp(world)
  await expect(checkArchive(file, null)).resolves.toMatchObject({ format: 1, createdAt: AT })
  writeFileSync(file, change(readFileSync(file)))
  await expect(checkArchive(file, null)).rejects.toMatchObject({ code: 'invalid' })
})

it('holds attachments with their hashes, and unpacks them with rights for this user only', async () => {
  await using world = await startWorld()
  mkdirSync(join(world.dataDir, 'files/ab'), { recursive: true })
  writeFileSync(join(world.dataDir, 'files/ab/abcd'), 'a photograph')
  const { file, manifest } = await backUp(world)
  expect(manifest.files.map(({ path }) => path)).toEqual(['rejoin.db', 'secret.key', 'files/ab/abcd'])
  const target = join(folder, 'target')
  await unpackArchive(file, target, null)
  expect(readFileSync(join(target, 'files/ab/abcd'), 'utf8')).toBe('a photograph')
  expect(statSync(join(target, 'rejoin.db')).mode & 0o777).toBe(0o600)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readdirSync(world.dataDir).filter((name) => name.startsWith('backup-'))).toEqual([])
})

it('encrypts for a public key, so that only the secret one opens it', async () => {
  await using world = await startWorld()
  const { file: secret, publicKey } = await newKeyPair()
  const { file } = await backUp(world, { key: { publicKey } })
  expect(readFileSync(file, 'latin1')).not.toContain('SQLite format 3')
  const secretKeys = [secret.split('\n')[1] ?? '']
  await expect(checkArchive(file, { secretKeys })).resolves.toMatchObject({ format: 1 })
  await expect(checkArchive(file, null)).rejects.toMatchObject({ hint: expect.stringContaining('--identity') })
  const other = (await newKeyPair()).file.split('\n')[1] ?? ''
  await expect(checkArchive(file, { secretKeys: [other] })).rejects.toMatchObject({ code: 'invalid' })
})

it('encrypts by a passphrase, and by a key from the command line', async () => {
  await using world = await startWorld()
  const passphrase = join(folder, 'passphrase')
  writeFileSync(passphrase, 'correct horse battery\n')
  const to = ['--data-dir', world.dataDir, '--to', folder, '--json']
  const sealed = await rejoin(['backup', ...to, '--passphrase-file', passphrase])
  const { file } = JSON.parse(sealed.out) as { file: string }
  const opener = { passphrase: 'correct horse battery' }
  await expect(checkArchive(file, opener)).resolves.toMatchObject({ format: 1 })

  const key = join(folder, 'backup.key')
  const [publicKey = ''] = (await rejoin(['backup', 'new-key', key])).out.split('\n')
  expect(statSync(key).mode & 0o777).toBe(0o600)
  expect(await rejoin(['backup', 'new-key', key])).toMatchObject({ code: 1, out: '' })
  const made = await rejoin(['backup', ...to], { env: { REJOIN_BACKUP_RECIPIENT: publicKey } })
  const second = (JSON.parse(made.out) as { file: string }).file
  const checked = await rejoin(['restore', second, '--verify', '--identity', key])
  expect(checked).toMatchObject({ code: 0, out: expect.stringContaining('can be restored') })
}, 90_000)

it('keeps as many as it is told, and touches no other file', () => {
  const days = [1, 2, 3, 4].map((day) => nameOf(Date.UTC(2026, 10, day), day === 2))
  const noDay = 'rejoin-20251301T000000Z.tar.zst'
  for (const name of [...days, 'letter.txt', 'rejoin-of-mine.tar.zst', noDay]) writeFileSync(join(folder, name), '')
  const sameName = nameOf(Date.UTC(2026, 9, 1), false)
  mkdirSync(join(folder, sameName))
  const paths = days.map((name) => join(folder, name))
  const made = { made: paths[3] ?? '', now: Date.UTC(2026, 10, 4) }
  expect(removeOld(folder, 2, made)).toEqual([paths[1], paths[0]])
  expect(backupsIn(folder)).toEqual([paths[3], paths[2], join(folder, noDay)])
  expect(aheadIn(folder, made.now)).toEqual([join(folder, noDay)])
  expect(readdirSync(folder)).toHaveLength(6)
})

it('makes two in the same second, each of them whole', async () => {
  await using world = await startWorld()
  const request = { dataDir: world.dataDir, folder, key: null, version: '1', now: world.clock.now() }
  const made = await Promise.all([makeBackup(request), makeBackup(request)])
  for (const { file } of made) await expect(checkArchive(file, null)).resolves.toMatchObject({ format: 1 })
  expect(readdirSync(folder)).toHaveLength(1)
})

it.each([1, 2, 3])(
  'never removes the one it has just made, nor counts those of the future: keep %i',
  async (keep) => {
    await using world = await startWorld()
    const year = new Date().getFullYear()
    const ahead = [1, 2].map((day) => join(folder, nameOf(Date.UTC(year + 1, 11, day), false)))
    const old = [1, 2, 3].map((day) => join(folder, nameOf(Date.UTC(year - 1, 11, day), false)))
    for (const file of [...ahead, ...old]) writeFileSync(file, '')
    const to = ['--data-dir', world.dataDir, '--to', folder, '--keep', String(keep)]
    const { code, out } = await rejoin(['backup', '--json', ...to])
    const report = JSON.parse(out) as { file: string; removed: string[]; ahead: string[] }
    expect({ code, ahead: report.ahead.toSorted() }).toEqual({ code: 0, ahead: ahead.toSorted() })
    expect(backupsIn(folder).toSorted()).toEqual(
      [...ahead, report.file, ...old.toReversed().slice(0, keep - 1)].toSorted(),
    )
    await expect(checkArchive(report.file, null)).resolves.toMatchObject({ format: 1 })
    const { out: told } = await rejoin(['backup', ...to])
    for (const file of ahead)
      expect(told).toContain(`${file} is dated in the future, so it is neither counted nor removed.`)
  },
  60_000,
)

it('takes no backup of the future for a new one', async () => {
  await using world = await startWorld({ settings: { backup: { folder, schedule: null, keep: 2, recipient: null } } })
  const day = 24 * HOUR
  writeFileSync(join(folder, nameOf(world.clock.now() - 3 * day, false)), '')
  writeFileSync(join(folder, nameOf(world.clock.now() + 300 * day, false)), '')
  const metrics = await (await fetch(`${world.url}/metrics`)).text()
  expect(metrics).toMatch(new RegExp(`^rejoin_backup_age_seconds ${(3 * day) / 1000}$`, 'm'))
})

it('sets aside what waited to be sent: it may have gone out since the backup', async () => {
  await using world = await startWorld({ settings: { mail: null } })
  const { api } = await world.desk()
  await api.invitations.create.mutate({ email: 'ned@example.org', role: 'requester' })
  const { file } = await backUp(world)
  const target = join(folder, 'target')
  const { out } = await rejoin(['restore', file, '--json', '--data-dir', target])
  expect(JSON.parse(out)).toMatchObject({ setAside: 1 })
  expect(rowsOnDisk(target, 'select setAside from outbox')).toEqual([{ setAside: 'unknown' }])
}, 60_000)

it('makes none of a damaged database, and leaves the earlier ones', async () => {
  await using world = await startWorld()
  const { file } = await backUp(world)
  const broken = join(folder, 'broken')
  mkdirSync(broken)
  writeFileSync(join(broken, 'rejoin.db'), 'my letters '.repeat(500))
  await expect(backUp({ dataDir: broken }, { now: AT + 1000 })).rejects.toMatchObject({ code: 'unavailable' })
  expect(backupsIn(join(folder, 'backups'))).toEqual([file])
  expect(existsSync(`${file}.partial`)).toBe(false)
})

it('makes one by itself at its times, keeps as many as are set, and logs it when it fails', async () => {
  const lines: string[] = []
  const log = createLog('info', { write: (line) => void lines.push(line) })
  const settings = { folder, schedule: '0 30 2 * * *', keep: 1, recipient: null }
  await using world = await startWorld({ log, settings: { backup: settings } })
  await world.desk()
  for (let day = 0; day < 2; day += 1) await world.advance(24 * HOUR)
  expect(backupsIn(folder)).toHaveLength(1)
  await expect(checkArchive(backupsIn(folder)[0] ?? '', null)).resolves.toMatchObject({ format: 1 })
  expect(lines.filter((line) => line.includes('backup made'))).toHaveLength(2)

  await world.restart({ backup: { ...settings, folder: join(world.dataDir, 'rejoin.db') } })
  await world.advance(24 * HOUR)
  expect(lines.find((line) => line.includes('"job":"backup"'))).toContain('Cannot write a backup of')
}, 60_000)

it('leaves room for Litestream: a log that others may read and copy, and waits for their locks', async () => {
  await using world = await startWorld()
  const ofWriter = async (name: string) => (await sql.raw(`pragma ${name}`).execute(world.app.db.writer)).rows[0]
  // What Litestream asks of an application: https://litestream.io/tips/
  expect(await ofWriter('journal_mode')).toEqual({ journal_mode: 'wal' })
  expect(await ofWriter('busy_timeout')).toEqual({ timeout: 5000 })
  expect(await ofWriter('locking_mode')).toEqual({ locking_mode: 'normal' })
  // It holds a read transaction while it copies the log: commits go on, and the log is not begun anew meanwhile.
  using other = new DatabaseSync(join(world.dataDir, 'rejoin.db'))
  other.exec('begin; select count(*) from meta')
  await world.ticket()
  other.exec('commit')
  // It checkpoints by itself, and takes the write lock for a moment.
  expect(other.prepare('pragma wal_checkpoint(passive)').get()).toMatchObject({ busy: 0 })
  await world.ticket()
})

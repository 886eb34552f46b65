/** Secrets of authenticator apps on the server's disk: sealed under a key that is not in the database. */
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { DATABASE_FILE } from '@rejoin/server/core/storage/sqlite.ts'
import { secretsUnder } from '@rejoin/server/core/secrets.ts'
import { rowsOnDisk } from '../harness/database.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, type World } from '../harness/world.ts'
import { account, enrolled } from '../access/callers.ts'
import { rejoin } from '../harness/rejoin.ts'

const keyFile = ({ dataDir }: { dataDir: string }) => join(dataDir, 'secret.key')

/** Somebody with a second step, and how they sign in with it. */
async function somebody(world: World) {
  const credentials = await account(world, 'agent')
  const { app } = await enrolled(world, credentials)
  return {
    ...credentials,
    secret: app.secret(),
    async signIn(): Promise<string> {
      world.clock.advance(30_000)
      const { token } = (await connectApi(world.url).accounts.logIn.mutate(credentials)).output
      return codeOf(connectApi(world.url).accounts.mfa.answer.mutate({ token, code: app.code() }))
    },
  }
}

/** Whether some file of the database has these letters. */
function isOnDisk(dataDir: string, text: string): boolean {
  const files = readdirSync(dataDir).filter((name) => name.startsWith(DATABASE_FILE))
  return files.some((name) => readFileSync(join(dataDir, name)).includes(text))
}

function change(dataDir: string, sql: string, ...values: string[]): void {
  using db = new DatabaseSync(join(dataDir, DATABASE_FILE))
  db.prepare(sql).run(...values)
}

it('keeps no secret in the database, and its key in a file for the server alone', async () => {
  await using world = await startWorld()
  const bob = await somebody(world)
  expect(isOnDisk(world.dataDir, bob.email)).toBe(true)
  expect(isOnDisk(world.dataDir, bob.secret)).toBe(false)
  expect(statSync(keyFile(world)).mode & 0o077).toBe(0)
  const key = readFileSync(keyFile(world), 'utf8').trim()
  expect(isOnDisk(world.dataDir, key)).toBe(false)
  await world.restart()
  expect(readFileSync(keyFile(world), 'utf8').trim()).toBe(key)
  expect(await bob.signIn()).toBe('done')
})

it('takes the key from a file of the operator’s choice, and then makes none', async () => {
  await using world = await startWorld({ settings: { secretKey: randomBytes(32) } })
  const bob = await somebody(world)
  expect(existsSync(keyFile(world))).toBe(false)
  await world.restart()
  expect(await bob.signIn()).toBe('done')
})

it.each([
  ['is gone', (path: string) => rmSync(path), 'secret.key does not exist'],
  ['is another', (path: string) => writeFileSync(path, randomBytes(32).toString('base64')), 'the key does not match'],
  ['is damaged', (path: string) => writeFileSync(path, 'half a k'), 'is not a key'],
])('does not start when the key %s, changes nothing, and goes on when it is back', async (_how, spoil, problem) => {
  await using world = await startWorld()
  const bob = await somebody(world)
  const copy = await world.backup()
  const good = readFileSync(keyFile(world))
  const before = rowsOnDisk(copy, 'select * from totp')
  await expect(world.restore(copy, (dataDir) => spoil(keyFile({ dataDir })))).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining(problem),
  })
  expect(rowsOnDisk(world.dataDir, 'select * from totp')).toEqual(before)
  await world.resume(() => writeFileSync(keyFile(world), good))
  expect(await bob.signIn()).toBe('done')
})

it('starts without the key where nothing is sealed, and makes one', async () => {
  await using world = await startWorld()
  const copy = await world.backup()
  await world.restore(copy, (dataDir) => rmSync(keyFile({ dataDir })))
  expect(await (await somebody(world)).signIn()).toBe('done')
})

it('seals at its start what an earlier version kept in the plain, and leaves no trace of it', async () => {
  await using world = await startWorld()
  const bob = await somebody(world)
  const copy = await world.backup()
  await world.restore(copy, (dataDir) => {
    change(dataDir, 'update totp set secret = ?', bob.secret)
    expect(isOnDisk(dataDir, bob.secret)).toBe(true)
    rmSync(keyFile({ dataDir }))
  })
  expect(isOnDisk(world.dataDir, bob.secret)).toBe(false)
  expect(rowsOnDisk(world.dataDir, 'select secret from totp')).toMatchObject([
    { secret: expect.stringMatching(/^v1:/) },
  ])
  expect(await bob.signIn()).toBe('done')
})

it('takes no secret that was put into the row of somebody else, or changed', async () => {
  await using world = await startWorld()
  const [bob, eve] = [await somebody(world), await somebody(world)]
  const copy = await world.backup()
  const swap = 'update totp set secret = (select secret from totp where userId = ?) where userId = ?'
  await world.restore(copy, (dataDir) => change(dataDir, swap, eve.id, bob.id))
  expect([await eve.signIn(), await bob.signIn()]).toEqual(['done', 'unavailable'])
  const secrets = secretsUnder(randomBytes(32))
  const sealed = secrets.seal(bob.secret, bob.id)
  expect(secrets.open(sealed, bob.id)).toBe(bob.secret)
  expect(secrets.seal(bob.secret, bob.id)).not.toBe(sealed)
  for (const at of [5, 20, sealed.length - 2]) {
    const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`
    expect(secrets.open(changed, bob.id)).toBeNull()
  }
})

it('has a way out when the key is lost for good: every second step is taken away', async () => {
  await using world = await startWorld()
  const bob = await somebody(world)
  const copy = await world.backup()
  rmSync(keyFile({ dataDir: copy }))
  const reset = (...words: string[]) => rejoin(['user', 'reset-mfa', ...words, '--data-dir', copy])
  expect(await reset(bob.email)).toMatchObject({ code: 1, errors: expect.stringContaining('reset-mfa --all') })
  expect((await reset(bob.email, '--all')).errors).toContain('Give the email address')
  expect((await reset()).errors).toContain('Give the email address')
  expect((await reset('--all')).out).toContain('1 people')
  await world.restore(copy)
  expect((await connectApi(world.url).accounts.logIn.mutate(bob)).output.opens).toBe('session')
  const { entries } = await (await world.desk()).api.audit.list.query({ type: 'second-step-removed' })
  expect(entries).toMatchObject([{ subjectId: bob.id, actorId: 'system' }])
})

/** What a customer gets: one file that runs without Node, as anybody, in an empty folder. */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openDevice } from '@rejoin/client-sdk/open-device.ts'
import { memoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { migrations } from '@rejoin/migrations/index.ts'
import { DATABASE_FILE } from '@rejoin/server/core/db.ts'
import { freePort } from '../harness/server-process.ts'
import { setUpOffice } from '../harness/staff.ts'
import { Customer, IS_ROOT } from './customer.ts'

let customer: Customer
beforeAll(() => {
  customer = new Customer()
}, 180_000)
afterAll(() => customer[Symbol.dispose]())

const canRun = process.platform === 'linux'

describe.runIf(canRun)('the executable', () => {
  it('says which version and commit it is', async () => {
    const folder = customer.folder('version')
    const { code, out } = await customer.run(folder, ['version', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      commit: expect.stringMatching(/^([0-9a-f]{12}(\+changes)?|unknown)$/),
      node: process.versions.node,
    })
    expect(readdirSync(folder)).toEqual([])
  })

  it('serves an office from its first start through kill -9, and nothing that was acknowledged is lost', async () => {
    const folder = customer.folder('office')
    const port = String(await freePort())
    const server = await customer.serve(folder, { REJOIN_PORT: port })
    const { url } = server
    const office = await setUpOffice(server)
    const [ada, bob] = [await office.hire('ada', 'agent'), await office.hire('bob', 'agent')]
    const deviceOf = ({ token }: { token: string }) => openDevice({ url, token, store: memoryStore() })
    const [hers, his] = [await deviceOf(ada), await deviceOf(bob)]
    for (const device of [hers, his]) {
      device.connect()
      await device.settled()
      device.disconnect()
    }

    const printer = await hers.tickets.create({ title: 'Printer', priority: 'high' })
    await hers.tickets.comment(printer, 'On my way')
    const scanner = await his.tickets.create({ title: 'Scanner', priority: 'low' })
    for (const device of [hers, his, hers]) {
      device.connect()
      await device.settled()
    }
    await server.kill()

    await hers.tickets.comment(printer, 'Done')
    await using again = await customer.serve(folder, { REJOIN_PORT: port })
    await hers.settled()
    await his.settled()
    expect([...hers.verdicts(), ...his.verdicts()].map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      'ticket.create applied',
      'comment.add applied',
      'comment.add applied',
      'ticket.create applied',
    ])
    const { tickets } = await office.api.tickets.list.query({})
    expect(tickets.map(({ title }) => title).toSorted()).toEqual(['Printer', 'Scanner'])
    expect(hers.view(scanner)?.title).toBe('Scanner')
    expect(his.view(printer)?.comments.map(({ body }) => body)).toEqual(['On my way', 'Done'])
    await Promise.all([hers.close(), his.close()])
    expect((await fetch(`${url}/join`)).headers.get('content-type')).toContain('text/html')
    expect(await again.stop()).toBe(0)

    const { code, out, says } = await customer.run(folder, ['doctor'])
    expect({ code, says }).toEqual({ code: 0, says: '' })
    expect(out).toContain('unbroken')
    expect(readdirSync(join(folder, 'rejoin-data')).filter((name) => name.includes('native'))).toEqual([])
  })

  it('brings a database of the previous schema up to date', async () => {
    const folder = customer.folder('upgrade')
    mkdirSync(join(folder, 'rejoin-data'))
    const file = join(folder, 'rejoin-data', DATABASE_FILE)
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new SQLite(file) }) })
    const names = { migrationTableName: 'migration', migrationLockTableName: 'migrationLock' }
    const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations }, ...names })
    const { error } = await migrator.migrateTo(Object.keys(migrations).toSorted().at(-2) ?? '')
    expect(error).toBeUndefined()
    await db.destroy()
    customer.hand(join(folder, 'rejoin-data'))

    expect((await customer.run(folder, ['doctor'])).says).toMatch(/older than this program/)
    const server = await customer.serve(folder)
    expect(await server.stop()).toBe(0)
    expect((await customer.run(folder, ['doctor'])).code).toBe(0)
  })

  it('refuses a port that is in use, and says so', async () => {
    const folder = customer.folder('port')
    await using other = await customer.serve(folder)
    const { port } = new URL(other.url)
    const ended = await customer.run(folder, ['serve'], { REJOIN_PORT: port, REJOIN_DATA_DIR: 'another' })
    expect(ended.code).toBe(1)
    expect(ended.says).toBe(`The address 127.0.0.1:${port} is in use. Set REJOIN_HOST or REJOIN_PORT.`)
  })

  it('refuses a folder where it may not write, and says so', async () => {
    const folder = customer.folder('read-only')
    chmodSync(folder, 0o555)
    const { code, says } = await customer.run(folder, ['serve'])
    expect(code).toBe(1)
    expect(says).toMatch(/^The data directory .*rejoin-data cannot be used: .* Name a folder where this user may write/)
    expect(readdirSync(folder)).toEqual([])
  })
})

describe.runIf(canRun)('on a file system that is mounted noexec', () => {
  let mounted = ''
  beforeAll(() => {
    if (!IS_ROOT) return
    const folder = customer.folder('noexec')
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'noexec,mode=1777', 'tmpfs', folder], { stdio: 'ignore' })
      mounted = folder
    } catch (error) {
      if (!(error instanceof Error && ('status' in error || 'code' in error))) throw error
    }
  })
  afterAll(() => {
    if (mounted !== '') execFileSync('umount', [mounted])
  })
  beforeEach(({ skip }) => skip(mounted === '', 'only root may mount a file system, and not everywhere'))

  it('keeps its data there, and loads SQLite from the folder for temporary files', async () => {
    const server = await customer.serve(mounted)
    expect(await server.stop()).toBe(0)
    expect(existsSync(join(mounted, 'rejoin-data', DATABASE_FILE))).toBe(true)
  })

  it('says what to do when that folder is no better', async () => {
    const { code, says } = await customer.run(mounted, ['serve'], { TMPDIR: mounted, REJOIN_DATA_DIR: 'second' })
    expect(code).toBe(1)
    expect(says).toMatch(/^SQLite cannot be loaded: .*\. Set TMPDIR to a folder where this user may write, on a file/)
    expect(readdirSync(join(mounted, 'second'))).toEqual([])
  })
})

/** What a customer gets: one file that runs without Node, as anybody, in an empty folder. */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import SQLite from 'better-sqlite3'
import { v7 } from 'uuid'
import { Kysely, SqliteDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { openDevice } from '@rejoin/client-sdk/open-device.ts'
import { memoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { migrations } from '@rejoin/migrations/index.ts'
import { settings } from '@rejoin/server/operations/config/config.ts'
import { DATABASE_FILE } from '@rejoin/server/core/storage/sqlite.ts'
import { ALWAYS_OPEN } from '@rejoin/shared/sla/calendar.ts'
import { CHROMIUM, openBrowser, NO_CHROMIUM } from '../browser/chromium.ts'
import { CAN_MOUNT, mountSmall } from '../harness/mount.ts'
import { freePort } from '../harness/server-process.ts'
import { setUpOffice } from '../harness/staff.ts'
import { billIn, faultsOf } from './bill.ts'
import { Customer } from './customer.ts'
import { complaints, exposure, HAS_SYSTEMD } from './unit.ts'

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

  it('is set up in a browser by the link that it prints', async ({ skip }) => {
    skip(CHROMIUM === undefined, NO_CHROMIUM)
    await using server = await customer.serve(customer.folder('first-run'))
    const [link = ''] = /http:\S+\/setup#\S+/.exec(await server.says('/setup#')) ?? []
    await using browser = await openBrowser()
    const page = await browser.context.newPage()
    await page.goto(link)
    await page.fill('[name=workspace]', 'Harbour')
    await page.fill('[name=name]', 'Ada')
    await page.fill('[name=email]', 'ada@example.com')
    await page.fill('[name=password]', 'correct horse battery')
    await page.click('form button')
    const welcome = page.getByText('Harbour is set up')
    await welcome.waitFor()
    expect(await welcome.textContent()).toContain('You sign in as ada@example.com.')
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

    const { ticketId: printer } = await hers.tickets.create({ title: 'Printer', priority: 'high' })
    await hers.tickets.comment({ ticketId: printer, body: 'On my way' })
    const { ticketId: scanner } = await his.tickets.create({ title: 'Scanner', priority: 'low' })
    for (const device of [hers, his, hers]) {
      device.connect()
      await device.settled()
    }
    await server.kill()

    await hers.tickets.comment({ ticketId: printer, body: 'Done' })
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
    expect(out).toContain('chain intact')
    expect(readdirSync(join(folder, 'rejoin-data')).filter((name) => name.includes('native'))).toEqual([])
  })

  it('reads a file from elsewhere in a thread, and ends the one that has no end', async () => {
    await using server = await customer.serve(customer.folder('threads'))
    const { api } = await setUpOffice(server)
    const { output } = await api.sla.calendars.create.mutate({ name: 'Office', value: ALWAYS_OPEN })
    const importEvent = (...lines: string[]) => {
      const event = ['BEGIN:VEVENT', 'DTSTART;VALUE=DATE:19700101', ...lines, 'END:VEVENT']
      const ics = ['BEGIN:VCALENDAR', ...event, 'END:VCALENDAR'].join('\r\n')
      return api.sla.calendars.importHolidays.mutate({ calendarId: output.calendarId, ics })
    }
    expect((await importEvent('RRULE:FREQ=YEARLY')).output).toMatchObject({ added: 1 })
    await expect(importEvent('RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30')).rejects.toThrow(
      'ics: computing it takes longer than 2 s',
    )
    expect((await importEvent('RRULE:FREQ=YEARLY')).output).toMatchObject({ added: 0 })
  })

  it('reads reports in a thread, on the same SQLite as the rest: two in one process would take each other’s locks', async () => {
    await using server = await customer.serve(customer.folder('reports'))
    const { api, departmentId } = await setUpOffice(server)
    for (let count = 1; count <= 2; count += 1) {
      await api.tickets.create.mutate({ ticketId: v7(), title: `Printer ${count}`, departmentId })
      expect((await api.tickets.list.query({ text: 'printer' })).tickets).toHaveLength(count)
    }
    expect(await api.sla.metrics.query({ from: 0, until: Date.now() })).toMatchObject({ by: 'metric' })
    const mapped = readFileSync(`/proc/${server.pid}/maps`, 'utf8')
      .split('\n')
      .filter((line) => line.includes('better-sqlite3'))
    expect(new Set(mapped.map((line) => line.split(/\s+/)[4])).size).toBe(1)
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

  it('is backed up under load and restored elsewhere, and a device brings what was done since', async () => {
    const [folder, elsewhere] = [customer.folder('backup'), customer.folder('elsewhere')]
    const port = String(await freePort())
    await using server = await customer.serve(folder, { REJOIN_PORT: port })
    const office = await setUpOffice(server)
    const { token } = await office.hire('ada', 'agent')
    const ada = await openDevice({ url: server.url, token, store: memoryStore() })
    ada.connect()
    const { ticketId } = await ada.tickets.create({ title: 'Printer', priority: 'high' })
    await ada.settled()
    const making = customer.run(folder, ['backup', '--to', 'backups', '--json'])
    const ended = new AbortController()
    void making.finally(() => ended.abort())
    const said: string[] = []
    do {
      said.push(`Comment ${said.length}`)
      await ada.tickets.comment({ ticketId, body: said.at(-1) ?? '' })
      await ada.settled()
    } while (!ended.signal.aborted)
    const { code, out, says } = await making
    expect({ code, says }).toEqual({ code: 0, says: '' })
    const { file } = JSON.parse(out) as { file: string }
    await server.kill()

    expect(await customer.run(elsewhere, ['restore', file])).toMatchObject({ code: 0 })
    await using restored = await customer.serve(elsewhere, { REJOIN_PORT: port })
    await ada.settled()
    const { output } = await connectApi(restored.url).accounts.logIn.mutate({
      email: 'ada@example.com',
      password: 'ten characters or more',
    })
    const other = await openDevice({ url: restored.url, token: output.token, store: memoryStore() })
    other.connect()
    await other.settled()
    expect(other.view(ticketId)?.comments.map(({ body }) => body)).toEqual(said)
    await Promise.all([ada.close(), other.close()])
    expect(await restored.stop()).toBe(0)
    expect((await customer.run(elsewhere, ['doctor'])).code).toBe(0)
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
  beforeEach(({ skip }) => skip(!CAN_MOUNT, 'only root may mount a file system, and not everywhere'))

  it('keeps its data there, and loads SQLite from the folder for temporary files', async () => {
    using mount = mountSmall('noexec,mode=1777')
    const server = await customer.serve(mount.folder)
    expect(await server.stop()).toBe(0)
    expect(existsSync(join(mount.folder, 'rejoin-data', DATABASE_FILE))).toBe(true)
  })

  it('says what to do when that folder is no better', async () => {
    using mount = mountSmall('noexec,mode=1777')
    const { folder } = mount
    const { code, says } = await customer.run(folder, ['serve'], { TMPDIR: folder })
    expect(code).toBe(1)
    expect(says).toMatch(/^SQLite cannot be loaded: .*\. Set TMPDIR to a folder where this user may write, on a file/)
    expect(readdirSync(folder)).toEqual(['rejoin-data'])
    expect(readdirSync(join(folder, 'rejoin-data'))).toEqual([])
  })
})

describe.runIf(canRun)('the archive', () => {
  it('holds what its checksums say', () => {
    const said = execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: customer.unpacked, encoding: 'utf8' })
    const files = readdirSync(customer.unpacked, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile() && each.name !== 'SHA256SUMS')
      .map(({ parentPath, name }) => relative(customer.unpacked, join(parentPath, name)))
    expect(said.trim().split('\n').toSorted()).toEqual(files.map((name) => `${name}: OK`).toSorted())
  })

  it('shows every setting in the example, commented out but for where the data is', () => {
    const lines = readFileSync(join(customer.unpacked, 'rejoin.env.example'), 'utf8').split('\n')
    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual(['REJOIN_DATA_DIR=/var/lib/rejoin'])
    const shown = lines.flatMap((line) => /^#?(REJOIN_\w+)=/.exec(line)?.[1] ?? [])
    expect(shown).toEqual(settings().map(({ name }) => name))
  })

  it('says of Node, SQLite, and each library in the executable whose it is and under which licence', async () => {
    const bill = billIn(customer.unpacked)
    expect(await faultsOf(bill)).toBeNull()
    expect(bill.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    const names = bill.components.map(({ name }) => name)
    const some = ['rejoin', 'better-sqlite3', 'hono', 'kysely', 'node', 'openssl', 'sqlite', 'v8', 'yjs']
    expect(names).toEqual(expect.arrayContaining(some))
    expect(names.filter((name) => /typescript|vitest|@types|cyclonedx/.test(name))).toEqual([])
    const lacking = bill.components.filter(({ supplier, licenses = [], version }) => {
      return supplier === undefined || supplier.name === '' || licenses.length === 0 || version === ''
    })
    expect(lacking).toEqual([])
    const licences = readFileSync(join(customer.unpacked, 'THIRD-PARTY-LICENSES.txt'), 'utf8')
    const libraries = bill.components.filter((each) => 'hashes' in each)
    expect(libraries.length).toBeGreaterThan(30)
    expect(libraries.filter(({ name, version }) => !licences.includes(`${name} ${version} (`))).toEqual([])
  })

  it('would notice a licence that SPDX does not know', async () => {
    const { text } = billIn(customer.unpacked)
    expect(await faultsOf({ text: text.replace('"id": "MPL-2.0"', '"id": "MPL 2"') })).not.toBeNull()
  })

  it('has a unit that systemd takes, and that leaves the server little to do harm with', ({ skip }) => {
    skip(!HAS_SYSTEMD, 'there is no systemd-analyze')
    expect(complaints(customer.unpacked)).toBe('')
    expect(exposure(customer.unpacked)).toBeLessThan(2)
  })
})

/** The database is moved or removed under a running server: it says so, writes nothing more, and loses nothing. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { connectApi, type Api } from '@rejoin/client-sdk/api.ts'
import { problemsIn } from '@rejoin/server/core/storage/whole-file.ts'
import type { Readiness } from '@rejoin/server/operations/health/readiness.ts'
import { rowsOnDisk } from '../harness/database.ts'
import { CACHE } from '../harness/program/program.ts'
import { freePort, ServerProcess, type Place } from '../harness/server-process.ts'

let root = ''
let dataDir = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
  dataDir = join(root, 'data')
  mkdirSync(dataDir)
})
afterEach(() => rmSync(root, { recursive: true }))

/** Sets the server up. Answers with the API of its administrator. */
async function setUp(server: ServerProcess): Promise<Api> {
  await server.listen()
  const [, token = ''] = /"token":"([^"]+)"/.exec(await server.says('"token"')) ?? []
  const { output } = await connectApi(server.url).accounts.setUp.mutate({
    token,
    name: 'Ada',
    email: 'ada@example.com',
    password: 'correct horse battery',
  })
  return connectApi(server.url, output.token ?? '')
}

async function ready(server: ServerProcess): Promise<{ status: number; checks: Readiness['checks'] }> {
  const response = await fetch(`${server.url}/readyz`)
  return { status: response.status, checks: ((await response.json()) as Readiness).checks }
}

const titlesIn = (folder: string) => rowsOnDisk(folder, 'select title from ticket order by number')
const file = () => join(dataDir, 'rejoin.db')

const CASES = [
  {
    what: 'the file is removed',
    change: () => rmSync(file()),
    says: /is missing: it was moved or removed/,
    left: () => dataDir,
  },
  {
    what: 'the file is removed, with all that is beside it',
    change: () => {
      for (const name of readdirSync(dataDir)) if (name.startsWith('rejoin.db')) rmSync(join(dataDir, name))
    },
    says: /is missing: it was moved or removed/,
    left: () => dataDir,
  },
  {
    what: 'the file is moved to another folder',
    change: () => renameSync(file(), join(root, 'elsewhere.db')),
    says: /is missing: it was moved or removed/,
    left: () => dataDir,
  },
  {
    what: 'another file is in its place',
    change: () => {
      rmSync(file())
      writeFileSync(file(), 'something else')
    },
    says: /^Another file has replaced the database/,
    left: () => {
      const copy = join(root, 'copy')
      mkdirSync(copy)
      renameSync(join(dataDir, 'rejoin.db.rescued-1'), join(copy, 'rejoin.db'))
      return copy
    },
  },
  {
    what: 'its log is removed',
    change: () => rmSync(`${file()}-wal`),
    says: /rejoin\.db-wal is missing/,
    left: () => dataDir,
  },
  {
    what: 'the shared memory of its log is removed',
    change: () => rmSync(`${file()}-shm`),
    says: /rejoin\.db-shm is missing/,
    left: () => dataDir,
  },
  {
    what: 'its folder has another name',
    change: () => renameSync(dataDir, join(root, 'renamed')),
    says: /is missing: it was moved or removed/,
    left: () => join(root, 'renamed'),
  },
  {
    what: 'its folder is removed',
    change: () => rmSync(dataDir, { recursive: true }),
    says: /is missing: it was moved or removed/,
    left: () => dataDir,
  },
]

it.each(CASES)(
  'says so, stores nothing more, and leaves everything in a file, when $what',
  { timeout: 60_000 },
  async ({ change, says, left }) => {
    const place: Place = { dataDir, port: await freePort(), cacheDir: CACHE, cwd: root }
    await using server = new ServerProcess(place)
    const api = await setUp(server)
    await api.tickets.create.mutate({ ticketId: crypto.randomUUID(), title: 'Before' })
    expect(await ready(server)).toMatchObject({ status: 200 })
    change()

    const after = api.tickets.create.mutate({ ticketId: crypto.randomUUID(), title: 'After' })
    await expect(after).rejects.toMatchObject({ data: { code: 'unavailable' } })
    const { status, checks } = await ready(server)
    expect({ status, says: checks['database']?.says }).toEqual({ status: 503, says: expect.stringMatching(says) })
    expect((await fetch(`${server.url}/metrics`)).status).toBe(200)
    expect(await server.stop()).toBe(0)

    for (const end of ['-wal', '-shm']) expect(existsSync(`${file()}${end}`)).toBe(false)
    const folder = left()
    expect(await server.says('a complete copy is in')).toContain(
      folder === dataDir ? join(dataDir, 'rejoin.db') : 'rejoin.db',
    )
    expect(titlesIn(folder)).toEqual([{ title: 'Before' }])
    expect(problemsIn(join(folder, 'rejoin.db'))).toEqual([])
    await using next = new ServerProcess({ ...place, dataDir: folder, port: await freePort() })
    await next.listen()
    expect(await ready(next)).toMatchObject({ status: 200 })
  },
)

/** The file of a device is removed while the device runs: all of it is put back before anything else is written. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { sqliteStore } from '@rejoin/client-sdk/stores/sqlite.ts'

function place() {
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
  return { path: join(folder, 'device.db'), [Symbol.dispose]: () => rmSync(folder, { recursive: true }) }
}

const put = (key: string, value: unknown) => ({ put: [[key, value] as const], delete: [] })

it.each([
  { what: 'removed', change: (path: string) => rmSync(path) },
  {
    what: 'removed with its log',
    change: (path: string) => ['', '-wal', '-shm'].forEach((end) => rmSync(path + end, { force: true })),
  },
  { what: 'moved', change: (path: string) => renameSync(path, `${path}.moved`) },
])('keeps what was written before and after the file was $what', async ({ change }) => {
  using there = place()
  const store = sqliteStore(there.path)
  await store.load()
  await store.write(put('before', 1))
  change(there.path)
  await store.write(put('after', 2))
  await store.close()
  const again = sqliteStore(there.path)
  expect(await again.load()).toEqual(
    new Map([
      ['after', 2],
      ['before', 1],
    ]),
  )
  await again.close()
})

it('writes nothing over another file in its place, and says so', async () => {
  using there = place()
  const store = sqliteStore(there.path)
  await store.load()
  rmSync(there.path)
  writeFileSync(there.path, 'something else')
  await expect(async () => store.write(put('after', 2))).rejects.toMatchObject({ code: 'conflict' })
  rmSync(there.path)
  await store.write(put('after', 2))
  await store.close()
})

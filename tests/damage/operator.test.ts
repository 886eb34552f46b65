/** Reports of damage to the operator, and repairs: doctor, `--fix`, `restore --verify`, and pages of the file. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeBackup } from '@rejoin/server/operations/backup/make.ts'
import { createLog } from '@rejoin/server/core/runtime/log.ts'
import type { Finding } from '@rejoin/server/cli/doctor/finding.ts'
import { readiness } from '@rejoin/server/operations/health/readiness.ts'
import { rejoin } from '../harness/rejoin.ts'
import { startWorld, type World } from '../harness/world.ts'
import { spoilt, whileRunning } from './damaged.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const silent = createLog('silent')

async function backUp({ dataDir }: World): Promise<string> {
  return (await makeBackup({ dataDir, folder, key: null, version: '0.1.0', now: 0 })).file
}

it('names each damaged document and row, rebuilds what follows from rows, and restores a backup with them', async () => {
  await using world = await startWorld({ log: silent })
  const { id } = await world.ticket({ description: 'Paper jam.' })
  await world.ticket()
  const { api } = await world.desk()
  await api.tickets.comment.mutate({ ticketId: id, commentId: crypto.randomUUID(), body: 'On my way' })
  await whileRunning(world, `update document set state = ${spoilt('state', 'cut short', 'blob')} where id = '${id}'`)
  const clocks = `update slaClock set segments = '[{' where ticketId = '${id}'`
  await whileRunning(world, clocks)
  const backup = await backUp(world)
  const verified = await rejoin(['restore', backup, '--verify', '--json'])
  expect({ ...verified, out: JSON.parse(verified.out) as unknown }).toMatchObject({
    code: 0,
    out: { ok: true, rebuilt: 1 },
  })

  const dataDir = join(folder, 'data')
  expect(await rejoin(['restore', backup, '--data-dir', dataDir])).toMatchObject({ code: 0 })
  const look = async (...args: string[]) => {
    const { code, out } = await rejoin(['doctor', '--json', '--data-dir', dataDir, ...args])
    const { findings } = JSON.parse(out) as { findings: Finding[] }
    return { code, errors: findings.filter(({ severity }) => severity === 'error').map(({ message }) => message) }
  }
  const seen = await look()
  expect(seen.code).toBe(2)
  expect(seen.errors).toContain(`segments of the slaClock ${id} is damaged.`)
  expect(await look('--fix')).toEqual({ code: 0, errors: [] })
  // The running server has the same damage, and repairs it when somebody needs the ticket.
  await api.tickets.edit.mutate({ ticketId: id, set: { priority: 'high' } })
}, 60_000)

it('answers for all but what stands on a page that cannot be read, and says what to do', async () => {
  await using world = await startWorld({ log: silent })
  const { api } = await world.desk()
  const { id } = await world.ticket()
  const pages = world.app.db.writer.rows<{ page: number; size: number }>(
    `select rootpage as page, page_size as size from sqlite_schema, pragma_page_size where tbl_name = 'notification' and rootpage > 0`,
    [],
  )
  const sound = await world.backup()
  await world.restore(sound, (dataDir) => {
    const file = join(dataDir, 'rejoin.db')
    const bytes = readFileSync(file)
    for (const { page, size } of pages) bytes.fill(0x5a, (page - 1) * size, page * size)
    writeFileSync(file, bytes)
  })
  await expect(api.notifications.list.query({})).rejects.toMatchObject({ data: { code: 'unavailable' } })
  expect(await api.tickets.get.query({ ticketId: id })).toMatchObject({ number: 'TKT-0001' })
  expect(await api.tickets.edit.mutate({ ticketId: id, set: { title: 'Still here' } })).toMatchObject({
    outcome: 'applied',
  })
  const { ready, checks } = await readiness(world.app, false)
  expect({ ready, says: checks['damage']?.says }).toEqual({ ready: true, says: expect.stringContaining('malformed') })
  const { code, out } = await rejoin(['doctor', '--data-dir', world.dataDir])
  expect(code).toBe(2)
  expect(out).toContain('restore the newest backup')
  await world.restore(sound)
}, 60_000)

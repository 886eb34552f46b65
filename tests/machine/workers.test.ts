/** Worker threads: what a task may cost, and what becomes of one that costs more. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Workers } from '@rejoin/server/core/runtime/workers/workers.ts'
import {
  askSqlite,
  compute,
  count,
  descend,
  fillMemory,
  leave,
  loopForEver,
  noteAndRefuse,
  refuse,
} from './worker-tasks.ts'

const entry = join(import.meta.dirname, 'worker-tasks.ts')
const limits = { what: 'file', timeMs: 1000, memoryMb: 16 }

it('runs a task in a thread that nobody used before', async () => {
  const workers = new Workers({ entry })
  expect([await workers.run(count, null, limits), await workers.run(count, null, limits)]).toEqual([1, 1])
})

it.each([
  { what: 'has no end', task: loopForEver, code: 'too-large', says: 'file: computing it takes longer than 1 s.' },
  {
    what: 'fills the memory',
    task: fillMemory,
    code: 'too-large',
    says: 'file: computing it takes more than 16 MiB of memory.',
  },
  { what: 'ends the thread', task: leave, code: 'unavailable', says: 'The server is busy.' },
])('ends a task that $what, says why, and takes the next one', async ({ task, code, says }) => {
  const workers = new Workers({ entry })
  const running = workers.run(task, null, { ...limits, ...(task === fillMemory && { timeMs: 60_000 }) })
  await expect(running).rejects.toMatchObject({ name: 'Refusal', code, message: says, hint: expect.any(String) })
  expect(await workers.run(count, null, limits)).toBe(1)
})

it('passes on what a task refuses, and what it fails with', async () => {
  const workers = new Workers({ entry })
  await expect(workers.run(refuse, { line: 7 }, limits)).rejects.toMatchObject({
    name: 'Refusal',
    code: 'invalid',
    message: 'file: line 7: no.',
    hint: 'Try another.',
  })
  await expect(workers.run(descend, null, limits)).rejects.toThrow(RangeError)
})

it.each([false, true])(
  'is harmed by no input that cannot be copied and by nobody who is told (kept: %s)',
  async (isKept) => {
    const workers = new Workers({ entry, isKept })
    for (let times = 0; times < 3; times += 1) {
      await expect(workers.run(count, (() => undefined) as unknown as null, limits)).rejects.toThrow(
        'could not be cloned',
      )
      const noted = () => {
        throw new TypeError('a bug')
      }
      await expect(workers.run(noteAndRefuse, null, { ...limits, noted })).rejects.toThrow('a bug')
      expect(await workers.run(count, null, limits)).toBeGreaterThan(0)
    }
    await workers.close()
  },
)

it('runs no more tasks at once than it has threads, and refuses what would wait behind too many', async () => {
  const workers = new Workers({ entry, threads: 1, waiting: 2 })
  const ended: string[] = []
  const first = workers.run(loopForEver, null, limits).catch(() => ended.push('first'))
  const others = ['second', 'third'].map((name) => workers.run(count, null, limits).then(() => ended.push(name)))
  await expect(workers.run(count, null, limits)).rejects.toMatchObject({ code: 'unavailable', retryAfterMs: 5000 })
  await Promise.all([first, ...others])
  expect(ended).toEqual(['first', 'second', 'third'])
  expect(await workers.run(count, null, limits)).toBe(1)
})

it('ends what runs and refuses what waits when the server stops', async () => {
  const workers = new Workers({ entry })
  const tasks = [workers.run(loopForEver, null, { what: 'file', timeMs: 60_000 }), workers.run(count, null, limits)]
  const settled = Promise.allSettled(tasks)
  await workers.close()
  expect(await settled).toMatchObject([{ reason: { code: 'unavailable' } }, { reason: { code: 'unavailable' } }])
})

it('keeps a thread whose tasks have answered, where that is asked for, and no other', async () => {
  const workers = new Workers({ entry, isKept: true })
  expect([await workers.run(count, null, limits), await workers.run(count, null, limits)]).toEqual([1, 2])
  await expect(workers.run(refuse, { line: 7 }, limits)).rejects.toMatchObject({ code: 'invalid' })
  expect(await workers.run(count, null, limits)).toBe(3)
  await expect(workers.run(loopForEver, null, limits)).rejects.toMatchObject({ code: 'too-large' })
  expect(await workers.run(count, null, limits)).toBe(1)
  await workers.close()
})

it('counts for a task what a kept thread computes from then on, and nothing of what it did before', async () => {
  const workers = new Workers({ entry, isKept: true })
  for (let task = 0; task < 3; task += 1) expect(await workers.run(compute, { ms: 600 }, limits)).toBeGreaterThan(0)
  await expect(workers.run(compute, { ms: 60_000 }, limits)).rejects.toMatchObject({ code: 'too-large' })
  await workers.close()
})

it('gives up a long query of SQLite before that ends, although the thread answers nothing in the middle of it', async () => {
  const workers = new Workers({ entry, threads: 2 })
  const ended: string[] = []
  const query = workers.run(askSqlite, { rows: 25_000_000 }, { ...limits, timeMs: 500 })
  const other = workers.run(compute, { ms: 1000 }, { ...limits, timeMs: 60_000 }).then(() => ended.push('other'))
  await expect(query.finally(() => ended.push('query'))).rejects.toMatchObject({ code: 'too-large' })
  await other
  expect(ended).toEqual(['query', 'other'])
  await workers.close()
})

it('passes on what a task notes, however it ends', async () => {
  const workers = new Workers({ entry })
  const notes: unknown[] = []
  const running = workers.run(noteAndRefuse, null, { ...limits, noted: (noted) => void notes.push(noted) })
  await expect(running).rejects.toMatchObject({ code: 'invalid' })
  expect(notes).toEqual([{ met: 1 }, { met: 2 }])
})

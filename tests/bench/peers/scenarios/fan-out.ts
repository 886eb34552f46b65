/** One writes, many watch: how late each of them sees a comment, and how many a second reach all of them in time. */
import { setTimeout as sleep } from 'node:timers/promises'
import { percentile } from '../../figures.ts'
import type { Shape } from '../fixture.ts'
import type { CommentItem, Device, System } from '../systems/system.ts'
import { quiet } from '../process.ts'
import { until } from '../until.ts'
import { allOf, inWaves, stage, watcherOn, type Figures, type Stage } from './stage.ts'

const AT_ONCE = 20
const CALM = { rate: 20, seconds: 5 }
const RATES = [50, 100, 200, 400, 800]
const STEP_SECONDS = 2
/** A rate is sustained while 99 of 100 comments are seen within this. */
const IN_TIME_MS = 250
/** A comment that has not arrived by then was not sustained. */
const GIVE_UP_MS = 20_000

interface Crowd {
  readonly on: Stage
  readonly writer: Device
  readonly ticketIds: readonly string[]
  readonly watchers: number
  /** Milliseconds from the writing of a comment until a watcher's replica has it. */
  readonly delays: number[]
}

export async function fanOut(system: System, shape: Shape, watching: number): Promise<Figures> {
  await using on = await stage(system, shape)
  const [author, ...others] = on.fixture.people
  const people = others.slice(0, watching)
  if (author === undefined) throw new Error('nobody writes')
  const writer = await system.device(on.server, author)
  const watchers = await Promise.all(people.map((person) => watcherOn(on, person)))
  await inWaves([writer, ...watchers], AT_ONCE, (some) => allOf(some, (device) => device.connect()))
  await quiet(on.server, system.restMs)
  const { ticketIds } = author
  const delays: number[] = []
  for (const watcher of watchers) for (const ticketId of ticketIds) watch(watcher, ticketId, delays)
  const crowd = { on, writer, ticketIds, watchers: watchers.length, delays }
  await write(crowd, { rate: CALM.rate, seconds: 2 })
  const calm = await write(crowd, CALM)
  let sustained = { rate: 0, load: 0 }
  for (const rate of RATES) {
    const { p99, load } = await write(crowd, { rate, seconds: STEP_SECONDS })
    if (p99 > IN_TIME_MS) break
    sustained = { rate, load }
  }
  return { p50Ms: calm.p50, p99Ms: calm.p99, calmLoad: calm.load, rate: sustained.rate, rateLoad: sustained.load }
}

function watch(watcher: Device, ticketId: string, delays: number[]): void {
  const comments = watcher.doc(ticketId).getArray<CommentItem>('comments')
  comments.observe(({ changes }) => {
    for (const { insert } of changes.delta) {
      if (!Array.isArray(insert)) continue
      for (const { body } of insert as CommentItem[]) delays.push(performance.now() - Number(body))
    }
  })
}

/** Writes at a steady rate, never slowed by watchers, until all have seen everything. `load` in CPU seconds per s. */
async function write({ on, writer, ticketIds, watchers, delays }: Crowd, { rate, seconds }: typeof CALM) {
  delays.length = 0
  const count = rate * seconds
  const cpu = on.server.cpu()
  const start = performance.now()
  for (let made = 0; made < count; made += 1) {
    const due = start + (made * 1000) / rate - performance.now()
    if (due > 1) await sleep(due)
    await writer.comment(ticketIds[made % ticketIds.length] ?? '', String(performance.now()))
  }
  const end = performance.now() + GIVE_UP_MS
  await until(() => delays.length >= count * watchers || performance.now() > end)
  if (delays.length < count * watchers) return { p50: GIVE_UP_MS, p99: GIVE_UP_MS, load: 0 }
  const load = (on.server.cpu() - cpu) / (performance.now() - start)
  return { p50: percentile(delays, 0.5), p99: percentile(delays, 0.99), load }
}

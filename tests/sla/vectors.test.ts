/**
 * The clock functions against the shared vectors: those around the clock (`always`) for the resolution. The vectors
 * are a file beside the repository; where it is not there, these tests are skipped.
 */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import * as sla from '@rejoin/shared/sla.ts'
import { categoryOf, Status } from '@rejoin/shared/statuses.ts'
import { effectiveTime } from '@rejoin/shared/time.ts'

const FILE = resolve(import.meta.dirname, '../../../shared/vectors/sla.json')

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))

const Event = z.object({
  at: instant,
  type: z.string(),
  to: Status.optional(),
  target_s: z.number().optional(),
  received_at: instant.optional(),
  offline: z
    .object({ sync_server_time: instant, mono_sync_s: z.number(), mono_event_s: z.number(), skew_s: z.number() })
    .optional(),
})

const Vector = z.object({
  id: z.string(),
  title: z.string(),
  calendar: z.string(),
  metric: z.string(),
  target_s: z.number(),
  as_of: instant,
  events: z.array(z.unknown()),
  expect: z.object({
    state: z.string(),
    due_at: instant.nullish(),
    elapsed_s: z.number().optional(),
    breached: z.boolean(),
    breach_at: instant.nullish(),
    stopped_at: instant.nullish(),
  }),
})
type Vector = z.infer<typeof Vector>

/** What the default policy does not know yet, and why. */
const NOT_YET: Record<string, string> = {
  V36: 'reopening as a new cycle is a policy',
  V37: 'not reopening the clock is a policy',
  V51: 'how far work may be backdated is a policy',
  V56: 'tickets cannot be merged yet',
}

function readVectors(): Vector[] {
  const { vectors } = z.object({ vectors: z.array(Vector) }).parse(JSON.parse(readFileSync(FILE, 'utf8')))
  return vectors.filter(({ calendar, metric }) => calendar === 'always' && metric === 'resolution')
}

/** When the server learns of an event, and when it happened as far as the server can tell. */
function timesOf({ at, received_at: receivedAt = at, offline }: z.infer<typeof Event>) {
  if (offline === undefined) return { receivedAt, effectiveAt: at }
  const contact = { serverTime: offline.sync_server_time, mono: offline.mono_sync_s * 1000, boot: 'away' }
  const { effectiveAt } = effectiveTime({
    at: { wall: at, mono: offline.mono_event_s * 1000, boot: 'away' },
    sent: { wall: receivedAt - offline.skew_s * 1000, mono: 0, boot: 'back' },
    contacts: [contact],
    receivedAt,
    notBefore: 0,
  })
  return { receivedAt, effectiveAt }
}

/** The clock after what the server has learned by `as_of`, with a sweep before each event and at the end. */
function replay({ target_s, as_of, events }: Vector): sla.Clock {
  const told = events
    .map((raw) => Event.parse(raw))
    .map((event) => ({ ...event, ...timesOf(event) }))
    .filter(({ receivedAt }) => receivedAt <= as_of)
    .toSorted((a, b) => a.receivedAt - b.receivedAt)
  const [created, ...rest] = told
  const targetMs = target_s * 1000
  const startAt = created?.at ?? 0
  let clock: sla.Clock = { ...sla.startClock('resolution', 'low', startAt), targetMs, dueAt: startAt + targetMs }
  for (const event of rest) clock = apply(swept(clock, event.receivedAt), event)
  return swept(clock, as_of)
}

function swept(clock: sla.Clock, now: number): sla.Clock {
  const breachAt = sla.breachAt(clock, now)
  return breachAt === null ? clock : { ...clock, breachAt }
}

function apply(clock: sla.Clock, event: z.infer<typeof Event> & { effectiveAt: number }): sla.Clock {
  const { type, to, target_s: target, effectiveAt } = event
  if (type === 'policy' && target !== undefined) return sla.retargetClock(clock, target * 1000, effectiveAt)
  if (type === 'customer_reply') return sla.reopenClock(clock, effectiveAt)
  if (type !== 'status' || to === undefined) throw new Error(`The first cut knows no event ${type}`)
  const category = categoryOf(to)
  if (category === 'resolved' || category === 'closed') return sla.stopClock(clock, effectiveAt)
  return category === 'waiting' ? sla.pauseClock(clock, effectiveAt) : sla.resumeClock(clock, effectiveAt)
}

/** What is expected of the clock, and what it says, in the same keys. */
function compare(vector: Vector) {
  const { expect: wanted, as_of: now } = vector
  const clock = replay(vector)
  const actual = {
    state: clock.state,
    due_at: clock.dueAt,
    elapsed_s: sla.elapsedAt(clock, now) / 1000,
    breached: clock.breachAt !== null,
    breach_at: clock.breachAt,
    stopped_at: clock.stopAt,
  }
  return { actual, wanted }
}

const vectors = existsSync(FILE) ? readVectors() : []

it.each(vectors.filter(({ id }) => NOT_YET[id] === undefined))('$id: $title', (vector) => {
  const { actual, wanted } = compare(vector)
  expect(actual).toMatchObject(wanted)
})

it('agrees with all vectors but those that need a policy', (context) => {
  context.skip(vectors.length === 0, `there is no ${FILE}`)
  const agrees = (vector: Vector) => {
    try {
      const { actual, wanted } = compare(vector)
      return Object.entries(wanted).every(([key, value]) => actual[key as keyof typeof actual] === value)
    } catch {
      return false
    }
  }
  const others = vectors.filter((vector) => !agrees(vector)).map(({ id }) => id)
  expect(others).toEqual(Object.keys(NOT_YET))
})

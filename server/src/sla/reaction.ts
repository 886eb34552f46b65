/** Moves a ticket's clocks when something happens to it, in the transaction in which it happens. */
import {
  pauseClock,
  reopenClock,
  resumeClock,
  retargetClock,
  startClock,
  stopClock,
  type Clock,
} from '@rejoin/shared/sla/default-clock.ts'
import { categoryOf, type Category, type Status } from '@rejoin/shared/statuses.ts'
import type { Priority } from '@rejoin/shared/priority.ts'
import type { CommandContext, Event } from '../core/commit/command.ts'
import { insertRow, updateRow } from '../core/prepared.ts'
import { recordBreach } from './breach.ts'
import { clocksOf, type ClockRow } from './queries.ts'
import type { SlaEventTable } from './tables.ts'

type Kind = SlaEventTable['kind']

/** Replies count from their delivery: the requester could not read them before. */
export async function moveClocks(context: CommandContext, event: Event): Promise<void> {
  const { subjectId: ticketId, effectiveAt, recordedAt, payload } = event
  switch (event.type) {
    case 'ticket-created':
      startClocks(context, ticketId, payload['priority'] as Priority, effectiveAt)
      break
    case 'ticket-status-changed':
      await followStatus(context, ticketId, payload as { from: Status; to: Status }, effectiveAt)
      break
    case 'ticket-resolved-earlier':
      await moveEach(context, ticketId, 'resolution', effectiveAt, (clock) => restop(clock, effectiveAt))
      break
    case 'ticket-edited': {
      const { priority } = payload['to'] as { priority?: Priority }
      if (priority !== undefined) await retarget(context, ticketId, priority, effectiveAt)
      break
    }
    case 'comment-added':
      if (payload['visibility'] === 'public' && payload['byRequester'] === false) {
        await moveEach(context, ticketId, 'first_response', recordedAt, (clock) => [
          stopClock(clock, recordedAt),
          'stop',
        ])
      }
      break
  }
}

function startClocks(context: CommandContext, ticketId: string, priority: Priority, at: number): void {
  for (const metric of ['first_response', 'resolution'] as const) {
    const clock = startClock(metric, priority, at)
    const row = { id: context.newId(), ticketId, cycle: 1, generation: 0, nextFireAt: clock.dueAt, ...clock }
    insertRow(context.tx, 'slaClock', row)
    record(context, row, 'start', at)
  }
}

async function followStatus(
  context: CommandContext,
  ticketId: string,
  { from, to }: { from: Status; to: Status },
  at: number,
): Promise<void> {
  const before = categoryOf(from)
  const after = categoryOf(to)
  if (isDone(after)) {
    await moveEach(context, ticketId, 'resolution', at, (clock) => [stopClock(clock, at), 'stop'])
    await moveEach(context, ticketId, 'first_response', at, (clock) => [stopClock(clock, at), 'stop'])
  } else if (isDone(before)) {
    await moveEach(context, ticketId, 'resolution', at, (clock) => [reopenClock(clock, at), 'resume'])
  } else if (after === 'waiting') {
    await moveEach(context, ticketId, 'resolution', at, (clock) => [pauseClock(clock, at), 'pause'])
  } else {
    await moveEach(context, ticketId, 'resolution', at, (clock) => [resumeClock(clock, at), 'resume'])
  }
}

function isDone(category: Category): boolean {
  return category === 'resolved' || category === 'closed'
}

/** A resolve that turns out to have happened earlier than the recorded one. */
function restop(clock: ClockRow, at: number): [Clock, Kind] {
  if (clock.stopAt === null) return [clock, 'stop']
  return [
    stopClock({ ...clock, state: 'running', elapsedMs: clock.elapsedMs - (clock.markAt - at), markAt: at }, at),
    'stop',
  ]
}

async function retarget(context: CommandContext, ticketId: string, priority: Priority, at: number): Promise<void> {
  for (const row of clocksOf(context.tx, ticketId)) {
    const clock = retargetClock(row, priority, at)
    if (clock !== row) await store(context, row, { clock, generation: row.generation + 1 }, 'retarget', at)
  }
}

async function moveEach(
  context: CommandContext,
  ticketId: string,
  metric: Clock['metric'],
  at: number,
  move: (clock: ClockRow) => [Clock, Kind],
): Promise<void> {
  for (const row of clocksOf(context.tx, ticketId)) {
    if (row.metric !== metric) continue
    const [clock, kind] = move(row)
    if (clock !== row) await store(context, row, { clock, generation: row.generation }, kind, at)
  }
}

/** Stores the moved clock and what that says about its breach, so that the sweep need not have noticed it first. */
async function store(
  context: CommandContext,
  row: ClockRow,
  { clock, generation }: { clock: Clock; generation: number },
  kind: Kind,
  at: number,
): Promise<void> {
  const { state, targetMs, elapsedMs, markAt, dueAt, stopAt, breachAt } = clock
  const isRetracted = row.breachAt !== null && breachAt === null
  const change = { state, targetMs, elapsedMs, markAt, dueAt, stopAt, breachAt }
  const nextFireAt = state === 'running' && breachAt === null ? dueAt : null
  const next = isRetracted ? generation + 1 : generation
  updateRow(context.tx, 'slaClock', { id: row.id }, { ...change, nextFireAt, generation: next })
  if (row.breachAt === null && breachAt !== null) await recordBreach(context, row, breachAt)
  record(context, { id: row.id, generation }, kind, at)
  if (isRetracted) record(context, { id: row.id, generation }, 'retract', at)
}

function record(
  { tx, now }: CommandContext,
  clock: Pick<ClockRow, 'id' | 'generation'>,
  kind: Kind,
  effectiveAt: number,
): void {
  const { id: clockId, generation } = clock
  const times = { effectiveAt, recordedAt: now, detectedAt: now }
  insertRow(tx, 'slaEvent', { clockId, kind, level: 0, generation, payload: '{}', ...times })
}

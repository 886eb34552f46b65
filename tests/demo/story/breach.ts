/** An urgent ticket was opened offline 45 minutes ago: its clock starts then, so the promise is already broken. */
import { v7 } from 'uuid'
import { memoryStore, type MemoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { DrivenClock } from '../clock.ts'
import { mustEqual } from '../checks.ts'
import { FieldDevice } from '../field-device.ts'
import { printTable } from '../table.ts'
import { heading, say } from '../terminal.ts'
import { eventually } from '../waiting.ts'
import type { Cast } from './cast.ts'

const MINUTE = 60_000
const AWAY_MS = 45 * MINUTE
const FIRST_RESPONSE_MS = 30 * MINUTE
/** How far the created time may be from 45 minutes ago: what the demo itself takes. */
const TOLERANCE_MS = 10_000

/** Answers with the store of the device that was away, as further evidence. */
export async function breach(cast: Cast): Promise<MemoryStore> {
  heading('5  A promise is broken while the device is away')
  const clock = new DrivenClock(AWAY_MS)
  const store = memoryStore()
  const tablet = await FieldDevice.open(cast.ben.person, { url: cast.url, store, environment: clock.environment() })
  await tablet.rejoin()
  await tablet.cut()
  const ticketId = v7()
  const { departmentId } = cast
  const cooler = { ticketId, title: 'Server room cooler is off', priority: 'urgent' as const, departmentId }
  await tablet.device.send('ticket.create', cooler)
  say('Ben opens an urgent ticket on his tablet, in the basement, without a network.')
  clock.pass(AWAY_MS)
  say('45 minutes pass on the tablet. Then it rejoins.')
  await tablet.rejoin()
  await checkEffectiveTime(cast, ticketId)
  const isBreached = () => firstResponse(tablet.device, ticketId)?.breachedAt != null
  await eventually(tablet.device, 'the tablet is told of the breach', isBreached)
  await checkBreach(cast, ticketId)
  await tablet.close()
  return store
}

async function checkEffectiveTime({ admin }: Cast, ticketId: string): Promise<void> {
  const { createdAt } = await admin.api.tickets.get.query({ ticketId })
  const isThen = Math.abs(Date.now() - AWAY_MS - createdAt) < TOLERANCE_MS
  mustEqual(`the ticket counts from when it was written, ${hour(createdAt)}`, isThen, true)
}

async function checkBreach({ admin, sue }: Cast, ticketId: string): Promise<void> {
  const { createdAt, number, clocks } = await admin.api.tickets.get.query({ ticketId })
  const clock = clocks.find(({ metric }) => metric === 'first_response')
  const dueAt = createdAt + FIRST_RESPONSE_MS
  const times = [clock?.dueAt, clock?.breachedAt]
  mustEqual('the first response was due 30 minutes after that, and is breached since', times, [dueAt, dueAt])
  const list = await sue.person.api.notifications.list.query({ unread: true })
  const told = list.filter((row) => row.ticketId === ticketId && row.type === 'sla-breached')
  printTable(
    ['to', 'notification', 'ticket', 'which', 'was due', 'told at'],
    told.map(({ type, payload, createdAt: at }) => [
      'Sue',
      type,
      String(number),
      metricOf(payload),
      hour(dueAt),
      hour(at),
    ]),
  )
  mustEqual(
    'Sue is told of it, once',
    told.map(({ payload }) => metricOf(payload)),
    ['first_response'],
  )
}

function firstResponse(device: FieldDevice['device'], ticketId: string) {
  return device.view(ticketId)?.clocks.find(({ metric }) => metric === 'first_response')
}

function metricOf(payload: Record<string, unknown>): string {
  return String(payload['metric'])
}

function hour(at: number): string {
  return new Date(at).toTimeString().slice(0, 8)
}

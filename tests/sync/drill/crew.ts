/** Agents with a device each: they work, go offline and come back, and in the end all rejoin. */
import type { Device } from '@rejoin/client-sdk/device.ts'
import { openDevice } from '@rejoin/client-sdk/open-device.ts'
import { memoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { randomFrom, type Random } from '../../harness/random.ts'
import { createTicket, idFrom, type Action } from '../faults/actions.ts'
import type { Member, Office } from '../faults/office.ts'
import type { Pace } from './pace.ts'

export interface Worker {
  readonly member: Member
  readonly device: Device
  /** Tickets that are given to the worker, and then those that they opened: nobody else works there. */
  readonly own: string[]
}

const FIRST_TICKETS = 2
/** How long a device may take to settle, in steps of `SETTLE_STEP_MS`. */
const MAX_SETTLE_STEPS = 3000
const SETTLE_STEP_MS = 200

export async function openCrew(url: string, office: Office, pace: Pace, random: Random): Promise<Worker[]> {
  const crew: Worker[] = []
  for (const member of office.members.filter(({ role }) => role === 'agent')) {
    const environment = pace.environmentOf(member.name, randomFrom(random.below(2 ** 32)))
    const device = await openDevice({ url, token: member.token, store: memoryStore(), environment })
    const own: string[] = []
    for (let each = 0; each < FIRST_TICKETS; each += 1) own.push(await openTicket(url, office, member, random))
    crew.push({ member, device, own })
  }
  await rejoin(crew, pace)
  return crew
}

/** By the desk, which gives it to the agent. */
async function openTicket(url: string, { departments, members }: Office, agent: Member, random: Random) {
  const desk = members.find(({ role }) => role === 'admin')
  const { input } = createTicket(random, random.pick(departments))
  const api = connectApi(url, desk?.token)
  await api.tickets.create.mutate(input)
  await api.tickets.assign.mutate({ ticketId: input.ticketId, agentId: agent.id })
  return input.ticketId
}

/** One thing that the worker does. */
export async function workOn({ device, own, member }: Worker, office: Office, random: Random): Promise<void> {
  if (device.state === 'offline' && random.below(4) === 0) device.connect()
  else if (device.state !== 'offline' && random.below(12) === 0) device.disconnect()
  const ticketId = random.pick(own)
  const isGiven = own.indexOf(ticketId) < FIRST_TICKETS
  if (random.below(12) === 0 && device.held().includes(ticketId)) {
    device.text(ticketId, 'notes').insert(0, `<${member.name}:${random.below(2 ** 32)}>`)
    return
  }
  const { name, input } = random.below(8) === 0 ? openOne(office, random) : actionOn(ticketId, isGiven, random)
  if (name === 'ticket.create') own.push((input as { ticketId: string }).ticketId)
  await device.send(name, input)
}

function openOne({ departments }: Office, random: Random): Action {
  return createTicket(random, random.pick(departments))
}

function actionOn(ticketId: string, isGiven: boolean, random: Random): Action {
  const words: Action = {
    name: 'comment.add',
    input: { ticketId, commentId: idFrom(random), body: `Note ${random.below(1e6)}` },
  }
  if (!isGiven) return words
  return random.pick<Action>([
    words,
    { name: 'work.log', input: { ticketId, workId: idFrom(random), minutes: 1 + random.below(60) } },
    { name: 'ticket.edit', input: { ticketId, set: { title: `Title ${random.below(1e6)}` } } },
    { name: 'ticket.tag', input: { ticketId, tag: `tag-${random.below(20)}` } },
    { name: 'ticket.transition', input: { ticketId, to: random.pick(['in_progress', 'open']) } },
  ])
}

/** Everybody is online, has sent what waited, and holds what there is. */
export async function rejoin(crew: readonly Worker[], pace: Pace): Promise<void> {
  const unsettled = new Set(crew)
  for (const worker of crew) {
    // It may not have noticed yet that the server was gone.
    worker.device.disconnect()
    worker.device.connect()
    void worker.device.settled().then(() => unsettled.delete(worker))
  }
  for (let step = 0; unsettled.size > 0 && step < MAX_SETTLE_STEPS; step += 1) await pace.pass(SETTLE_STEP_MS)
  const names = [...unsettled].map(({ member }) => member.name)
  if (names.length > 0) throw new Error(`these devices do not settle: ${names.join(', ')}`)
}

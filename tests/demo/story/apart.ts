/** The network is cut, and everybody goes on working: on the same tickets, not knowing of each other. */
import { v7 } from 'uuid'
import type { Device } from '@rejoin/client-sdk/device.ts'
import type { Queued } from '@rejoin/client-sdk/methods.ts'
import { mustEqual } from '../checks.ts'
import { eventually } from '../waiting.ts'
import { heading, say } from '../terminal.ts'
import type { Cast } from './cast.ts'
import { nameOf, type Expectation } from './expectation.ts'

export interface WorkApart {
  readonly ada: readonly Expectation[]
  readonly ben: readonly Expectation[]
  /** The ticket that Ada opened while she was cut off. */
  readonly chargerId: string
}

export async function workApart(cast: Cast): Promise<WorkApart> {
  heading('2  The cable is cut, and both sides go on working')
  await cast.ada.cut()
  await cast.ben.cut()
  say('Ada and Ben have no network. Sue sits at the office.')
  const chargerId = v7()
  const ada = await workOfAda(cast, chargerId)
  const ben = [await claimOfBen(cast)]
  say(`Ada has ${cast.ada.device.pending().length} commands waiting on her device, Ben has one.`)
  const waiting = cast.ada.device.pending()
  mustEqual('everything Ada did waits on her device', [waiting.length, stateOf(waiting)], [ada.length, 'on-device'])
  await workOfSue(cast)
  await startOfBen(cast)
  return { ada, ben, chargerId }
}

/** In the order in which Ada works; the other side changes the same things afterwards, before she rejoins. */
async function workOfAda({ ada, departmentId, tickets }: Cast, chargerId: string): Promise<Expectation[]> {
  const { device } = ada
  const { plotter, lift, scanner, wifi, badge, door } = tickets
  const done: Expectation[] = []
  const add = async (did: string, ticketId: string, sent: Promise<Queued>, ...[outcome, code]: Expected) =>
    void done.push({ ...(await described(device, did, ticketId, sent)), outcome, ...(code !== undefined && { code }) })

  await add(
    'comment',
    plotter,
    device.tickets.comment({ ticketId: plotter, body: 'The print head is dry.' }),
    'applied',
  )
  await add(
    'log 35 minutes',
    plotter,
    device.tickets.logWork({ ticketId: plotter, minutes: 35, note: 'Cleaned it' }),
    'applied',
  )
  await add(
    'resolve',
    plotter,
    device.tickets.resolve({ ticketId: plotter, resolution: 'Cleaned the head' }),
    'applied',
  )
  await add('comment', lift, device.tickets.comment({ ticketId: lift, body: 'The fuse is burnt.' }), 'applied')
  await add('resolve', lift, device.tickets.resolve({ ticketId: lift, resolution: 'New fuse' }), 'parked', 'reassigned')
  const cabled = device.tickets.resolve({ ticketId: scanner, resolution: 'New cable' })
  await add('resolve', scanner, cabled, 'adjusted', 'credited-after-reassignment')
  const text = device.text(wifi, 'description')
  text.insert(text.length, ' Only near the ovens.')
  await add('edit the description', wifi, typedLast(ada), 'applied')
  await add(
    'lower the priority',
    wifi,
    device.tickets.edit({ ticketId: wifi, set: { priority: 'low' } }),
    'refused',
    'superseded',
  )
  const raised = device.tickets.edit({ ticketId: badge, set: { priority: 'high' } })
  await add('raise the priority', badge, raised, 'adjusted', 'higher-priority-stands')
  const renamed = device.tickets.edit({ ticketId: badge, set: { title: 'Badge reader at gate 4' } })
  await add('change the title', badge, renamed, 'adjusted', 'newer-value-stands')
  await add('claim', door, device.tickets.claim({ ticketId: door }), 'refused', 'already-assigned')
  const charger = { ticketId: chargerId, title: 'Forklift charger hums', departmentId }
  await add('open a ticket', chargerId, device.tickets.create(charger), 'applied')
  return done
}

type Expected = [outcome: Expectation['outcome'], code?: string]

/** The command that the typed text became. */
async function typedLast({ device }: Cast['ada']): Promise<Queued> {
  await device.flush()
  const typed = device.pending().findLast(({ name }) => name === 'text.write')
  if (typed === undefined) throw new Error('what was typed is not in the outbox')
  return { commandId: typed.id }
}

async function claimOfBen({ ben, tickets }: Cast): Promise<Expectation> {
  const { device } = ben
  const claiming = device.tickets.claim({ ticketId: tickets.door })
  return { ...(await described(device, 'claim', tickets.door, claiming)), outcome: 'applied' }
}

async function described(device: Device, did: string, ticketId: string, sent: Promise<Queued>) {
  const { commandId } = await sent
  const view = device.view(ticketId)
  return { commandId, did, ticketId, ticket: view === null ? ticketId : nameOf(view) }
}

async function workOfSue({ sue, ben, tickets }: Cast): Promise<void> {
  const { device } = sue
  device.text(tickets.wifi, 'description').insert(0, 'Reported by three people. ')
  await device.tickets.edit({ ticketId: tickets.wifi, set: { priority: 'urgent' } })
  await device.tickets.edit({ ticketId: tickets.badge, set: { priority: 'urgent' } })
  await device.tickets.edit({ ticketId: tickets.badge, set: { title: 'Badge reader rejects new cards' } })
  await device.tickets.assign({ ticketId: tickets.lift, agentId: ben.person.id })
  await device.tickets.assign({ ticketId: tickets.scanner, agentId: ben.person.id })
  await sue.settled()
  say('Sue edits the same description, raises two priorities, renames a ticket, and gives two of them to Ben.')
}

async function startOfBen({ ben, tickets }: Cast): Promise<void> {
  await ben.rejoin()
  await eventually(ben.device, 'Ben has the lift', () => ben.device.held().includes(tickets.lift))
  await ben.device.tickets.transition({ ticketId: tickets.lift, to: 'in_progress' })
  await ben.settled()
  say('Ben rejoins first, finds the lift in his queue and starts on it. Ada knows nothing of all this.')
}

function stateOf(pending: readonly { state: string }[]): string {
  return [...new Set(pending.map(({ state }) => state))].join()
}

/** Work of people in a run: on their devices, online or not, and at a desk. */
import type { Device, GroupMember } from '@rejoin/client-sdk/device.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { Random } from '../../harness/random.ts'
import type { Caller } from './caller.ts'
import { createTicket, idFrom, randomAction, type Action } from './actions.ts'
import type { DeviceDriver } from './device-driver.ts'
import { begin, type Run } from './run.ts'

/** People meet at the newest tickets: work on a ticket that nobody else touches meets no conflicts. */
const RECENT = 6
/** More characters than a text may have. */
const TOO_LONG = 100_001

interface OnTicket {
  readonly ticketId: string
}

export function workOnDevice(run: Run, random: Random): void {
  doOnDevice(run, random, random.pick(run.drivers))
}

export function burstOnDevice(run: Run, random: Random): void {
  const driver = random.pick(run.drivers)
  for (let each = 0; each < 6; each += 1) doOnDevice(run, random, driver)
}

export function doOnDevice(run: Run, random: Random, driver: DeviceDriver): void {
  const held = driver.device?.queue().map(({ id }) => id) ?? []
  const action = chooseAction(run, random, held)
  begin(run, send(run, driver, action))
}

/** Mostly about a ticket that is at hand, now and then about any. */
function chooseAction(run: Run, random: Random, atHand: readonly string[]): Action {
  const isAnywhere = atHand.length === 0 || random.below(10) === 0
  const ids = (isAnywhere ? run.ticketIds : atHand).slice(-RECENT)
  if (ids.length === 0) return openTicket(run, random)
  const action = randomAction({ random, office: run.office, ticketId: random.pick(ids) })
  if (action.name === 'ticket.create') run.ticketIds.push((action as Action<'ticket.create'>).input.ticketId)
  return action
}

function openTicket({ office, ticketIds }: Run, random: Random): Action<'ticket.create'> {
  const action = createTicket(random, random.pick(office.departments))
  ticketIds.push(action.input.ticketId)
  return action
}

/** Work, words and status that stand or fall together. */
export function finishJob(run: Run, random: Random): void {
  const driver = random.pick(run.drivers)
  const held = driver.device?.held() ?? []
  if (driver.device === null || held.length === 0) return
  const ticketId = random.pick(held)
  const job: GroupMember[] = [
    { name: 'work.log', input: { ticketId, workId: idFrom(random), minutes: 5 } },
    { name: 'comment.add', input: { ticketId, commentId: idFrom(random), body: 'Done.' } },
    { name: 'ticket.resolve', input: { ticketId, resolution: `Did ${random.below(1e6)}` } },
  ]
  begin(
    run,
    keep(run, driver, 'a group', (device) => device.sendGroup(job)),
  )
}

async function send(run: Run, driver: DeviceDriver, { name, input }: Action): Promise<void> {
  run.book.note(`${driver.member.name}: ${name} ${JSON.stringify(input)}`)
  await keep(run, driver, name, async (device) => [await device.send(name, input)])
}

/** A command that the device accepted must be on its disk. It may die meanwhile, or its disk fail. */
async function keep(
  { book }: Run,
  { device, store }: DeviceDriver,
  what: string,
  queue: (device: Device) => Promise<string[]>,
): Promise<void> {
  if (device === null) return
  const died = new Promise<string[]>((resolve) => {
    const { onDeath } = store
    store.onDeath = () => {
      onDeath()
      resolve([])
    }
  })
  try {
    for (const id of await Promise.race([queue(device), died])) {
      if (!book.made.has(id)) book.broken(4, `${what} ${id} was taken by the device and is not on its disk`)
    }
  } catch (error) {
    if (!(error instanceof Refusal) && !isDiskError(error)) throw error
  }
}

function isDiskError(error: unknown): boolean {
  return error instanceof Error && error.message === 'the disk is full'
}

export function typeNotes(run: Run, random: Random): void {
  const { device, member } = random.pick(run.drivers)
  const held = device?.held() ?? []
  if (device === null || held.length === 0) return
  const ticketId = random.pick(held)
  const word = `${member.name}:${random.below(2 ** 32)}`
  // Taken back when the server refuses it, after it was merged there.
  if (random.below(10) === 0) device.text(ticketId, 'description').insert(0, 'x'.repeat(TOO_LONG))
  // Descriptions are also replaced as a whole; text typed into the notes stays, and the end of the run looks for it.
  else if (random.below(4) === 0) device.text(ticketId, 'description').insert(0, word)
  else device.text(ticketId, 'notes').insert(random.below(2) * device.text(ticketId, 'notes').length, `<${word}>`)
}

export function tidyInbox(run: Run, random: Random): void {
  const { device, store } = random.pick(run.drivers)
  const items = device?.inbox() ?? []
  if (device === null || items.length === 0) return
  const { id } = random.pick(items)
  const tidied = random.below(2) === 0 ? device.dismiss(id) : device.resubmit(id)
  void tidied.catch((error: unknown) => {
    if (!store.isDead && !isDiskError(error) && !(error instanceof Refusal)) run.book.failed(error)
  })
}

export function workAtDesk(run: Run, random: Random): void {
  const caller = random.pick(run.callers)
  const own = [...run.book.made.values()].filter(({ actorId }) => actorId === caller.member.id)
  const asked = own.filter(({ name }) => name === 'ticket.create').map(({ input }) => (input as OnTicket).ticketId)
  const isFirst = caller.member.role === 'requester' && asked.length === 0
  const { name, input } = isFirst
    ? openTicket(run, random)
    : chooseAction(run, random, caller.member.role === 'requester' ? asked : [])
  run.book.note(`${caller.member.name} at a desk: ${name} ${JSON.stringify(input)}`)
  begin(run, caller.send(idFrom(random), name, input))
}

export function decideParked(run: Run, random: Random): void {
  const deciders = run.callers.filter(({ member: { role } }) => role === 'supervisor' || role === 'admin')
  begin(run, decideOne(run, random, random.pick(deciders)))
}

async function decideOne({ book }: Run, random: Random, caller: Caller): Promise<void> {
  const parked = await caller.parked()
  if (parked.length === 0) return
  const commandId = random.pick(parked)
  const [name, input] =
    random.below(3) === 0
      ? ['parked.reject', { commandId, reason: 'Not like this.' }]
      : ['parked.approve', { commandId }]
  book.note(`${caller.member.name} at a desk: ${name} ${commandId}`)
  await caller.send(idFrom(random), name, input)
}

/** By a person at a desk: an administrator may, and a supervisor set departments among theirs. */
export function changeRights(run: Run, random: Random): void {
  const { drivers, callers, book, office } = run
  const { id: userId, name: who } = random.pick(drivers).member
  const caller = random.below(4) === 0 ? random.pick(callers) : callers[0]
  if (caller === undefined) return
  const [name, input] =
    random.below(2) === 0
      ? ['user.set-role', { userId, ...aRole(office, random) }]
      : ['user.set-departments', { userId, departments: office.departments.filter(() => random.below(3) > 0) }]
  book.note(`${caller.member.name} at a desk: ${name} of ${who} ${JSON.stringify(input)}`)
  begin(run, caller.send(idFrom(random), name, input))
}

function aRole({ leadRoleId: customRoleId }: Run['office'], random: Random) {
  if (random.below(3) === 0) return { customRoleId }
  return { role: random.pick(['agent', 'supervisor', 'requester']) }
}

/** Random changes of scope, on live devices and on those that are away, against the laws. `TEST_SEED` replays one. */
import { expect, it } from 'vitest'
import type { z } from 'zod'
import type { GrantsInput } from '@rejoin/shared/access/custom-roles.ts'
import { randomFrom, type Random } from '../../harness/random.ts'
import { checkLaws } from '../../harness/laws.ts'
import { startWorld, type Field, type Person, type World } from '../../harness/world.ts'

const DEPARTMENTS = ['support', 'lab', 'depot']
const ROLES = ['agent', 'agent', 'supervisor', 'requester', 'admin'] as const
const STEPS = 60
const SEEDS = process.env['TEST_SEED']?.split(',').map(Number) ?? [1, 2, 3, 4, 5, 6]

interface Office {
  readonly world: World
  readonly random: Random
  readonly desk: Person
  readonly devices: readonly Field[]
  readonly tickets: string[]
  /** Custom roles. */
  readonly roles: readonly string[]
}

/** The grants that custom roles get in turn. */
const CELLS: readonly z.input<typeof GrantsInput>[] = [
  {},
  { 'ticket.replicate': ['assigned'] },
  { 'ticket.replicate': [] },
  {
    'ticket.read': ['department', 'own', 'assigned', 'watched'],
    'ticket.read-internal': ['department', 'assigned', 'watched'],
    'ticket.replicate': ['department', 'watched'],
  },
  { 'ticket.claim': [], 'comment.public': ['any'], 'ticket.edit': ['department'] },
]

type Action = (office: Office) => Promise<unknown>

const aTicket = ({ random, tickets }: Office) => random.pick(tickets)
const someone = ({ random, devices }: Office) => random.pick(devices).person.id
const aDepartment = ({ world, random }: Office) => world.department(random.pick(DEPARTMENTS))

async function open(office: Office): Promise<void> {
  const { id } = await office.world.ticket({ departmentId: await aDepartment(office) })
  office.tickets.push(id)
}

async function disableAndEnable(office: Office): Promise<void> {
  const { desk, world, random, devices } = office
  const device = random.pick(devices)
  await desk.api.accounts.disable.mutate({ userId: device.person.id })
  if (random.below(2) === 0) await expect(device.rejoin()).rejects.toMatchObject({ code: 'account-disabled' })
  await desk.api.accounts.enable.mutate({ userId: device.person.id })
  await device.signIn(await world.newToken(device.person.id))
}

/** Work on a random ticket, which the device may hold or not. */
async function work(office: Office): Promise<void> {
  const { random, devices } = office
  const device = random.pick(devices)
  const ticketId = aTicket(office)
  const what = random.below(4)
  if (what === 0) await device.tickets.claim({ ticketId })
  else if (what === 1) await device.tickets.edit({ ticketId, set: { title: `Title ${random.below(1000)}` } })
  else if (what === 2 && device.held().includes(ticketId)) device.text(ticketId, 'notes').insert(0, 'Seen. ')
  else await device.tickets.comment({ ticketId, body: 'Looked at it' })
}

const ACTIONS: readonly Action[] = [
  open,
  work,
  work,
  work,
  disableAndEnable,
  async ({ random, devices }) => random.pick(devices).disconnect(),
  async ({ random, devices }) => random.pick(devices).disconnect(),
  async ({ random, devices }) => random.pick(devices).rejoin(),
  async ({ random, devices }) => random.pick(devices).connect(),
  (office) => office.desk.api.tickets.assign.mutate({ ticketId: aTicket(office), agentId: someone(office) }),
  (office) => office.desk.api.tickets.unassign.mutate({ ticketId: aTicket(office) }),
  async (office) =>
    office.desk.api.tickets.move.mutate({ ticketId: aTicket(office), departmentId: await aDepartment(office) }),
  (office) => office.desk.api.tickets.watch.mutate({ ticketId: aTicket(office), userId: someone(office) }),
  (office) => office.desk.api.tickets.unwatch.mutate({ ticketId: aTicket(office), userId: someone(office) }),
  (office) => office.desk.api.tickets.cancel.mutate({ ticketId: aTicket(office) }),
  (office) => office.desk.api.tickets.reopen.mutate({ ticketId: aTicket(office) }),
  (office) => office.desk.api.accounts.setRole.mutate({ userId: someone(office), role: office.random.pick(ROLES) }),
  (office) =>
    office.desk.api.accounts.setRole.mutate({
      userId: someone(office),
      customRoleId: office.random.pick(office.roles),
    }),
  (office) =>
    office.desk.api.accounts.roles.edit.mutate({
      customRoleId: office.random.pick(office.roles),
      grants: structuredClone(office.random.pick(CELLS)),
    }),
  async (office) => {
    const departments = await Promise.all(
      DEPARTMENTS.filter(() => office.random.below(2) === 0).map(office.world.department),
    )
    await office.desk.api.accounts.setDepartments.mutate({ userId: someone(office), departments })
  },
]

/** A refused action of the desk, such as giving a ticket to a requester, is no news to anybody. */
async function unlessRefused(action: Promise<unknown>): Promise<void> {
  try {
    await action
  } catch (error) {
    if ((error as { data?: { code?: string } }).data?.code === undefined) throw error
  }
}

it.each(SEEDS)(
  'leaves every device with exactly its scope, whatever changed while it was away: seed %i',
  async (seed) => {
    await using world = await startWorld()
    const random = randomFrom(seed)
    const devices: Field[] = []
    for (const [index, name] of ['ada', 'bob', 'cyd'].entries()) {
      devices.push(await world.device(await world.person(name, 'agent', [DEPARTMENTS[index] ?? ''])))
    }
    const desk = await world.desk()
    const roles: string[] = []
    for (const base of ['agent', 'supervisor'] as const) {
      const { output } = await desk.api.accounts.roles.create.mutate({ name: `Custom ${base}`, base, grants: {} })
      roles.push(output.customRoleId)
    }
    const office: Office = { world, random, desk, devices, tickets: [], roles }
    for (let ticket = 0; ticket < 6; ticket += 1) await open(office)
    const changes: number[] = devices.map(() => 0)
    for (const [index, device] of devices.entries()) {
      device.subscribe(({ kind }) => void (kind === 'left' && (changes[index] = (changes[index] ?? 0) + 1)))
    }
    for (let step = 1; step <= STEPS; step += 1) {
      await unlessRefused(random.pick(ACTIONS)(office))
      if (step % 20 !== 0) continue
      await world.converge()
      await checkLaws(world.app, devices)
    }
    expect(
      changes.some((count) => count > 0),
      'something left a device',
    ).toBe(true)
  },
)

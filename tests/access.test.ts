/** Every role × action × relation through every door, against a table written by hand. */
import { expect, it } from 'vitest'
import { z } from 'zod'
import { addPerson } from '@rejoin/server/accounts/people/add.ts'
import { command } from '@rejoin/server/core/commit/command.ts'
import { SYSTEM_ID } from '@rejoin/server/core/ids.ts'
import type { Role } from '@rejoin/shared/access.ts'
import { byApi, byDevice, byPost, callApi, type Ask } from './access/doors.ts'
import { needsResolved, letterOf, setStage, SPOKEN, ticketFor, type Change, type Stage } from './access/stage.ts'
import { ANYWHERE, CHANGES, RELATIONS, ROLES, type Relation } from './access/table.ts'
import { contentOf, TRACES } from './doors/database.ts'

interface Case {
  readonly change: Change
  readonly role: Role
  readonly relation: Relation
  readonly expected: string
}

const CASES: readonly Case[] = Object.entries(CHANGES).flatMap(([change, byRole]) =>
  ROLES.flatMap((role) =>
    byRole[role].split(' ').flatMap((expected, column) => {
      const relation = RELATIONS[column]
      return expected === '-' || relation === undefined ? [] : [{ change: change as Change, role, relation, expected }]
    }),
  ),
)

/** Asks for each change in turn, on a ticket of its own, and answers with what came of it. */
async function walk(stage: Stage, cases: readonly Case[], door: (stage: Stage) => Ask): Promise<() => Promise<Case[]>> {
  const tickets: string[] = []
  for (const group of groupsOf(cases, 40)) {
    const staged = group.map(({ change, role, relation }) =>
      ticketFor(stage, stage.people[role], relation, { resolved: needsResolved(change) }),
    )
    tickets.push(...(await Promise.all(staged)))
  }
  const ask = door(stage)
  return async () => {
    const found: Case[] = []
    for (const [index, each] of cases.entries()) {
      const { name, input } = SPOKEN[each.change](stage)
      const code = await ask(stage.people[each.role], name, { ...input, ticketId: tickets[index] })
      found.push({ ...each, expected: letterOf(each.change, code) })
    }
    return found
  }
}

function groupsOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}

const DOORS = [
  ['the API', byApi],
  ['a device', byDevice],
  ['POST /sync', byPost],
] as const

it.each(DOORS)('lets everybody change by %s what the table allows them', async (_name, door) => {
  const stage = await setStage()
  await using _world = stage.world
  const allowed = CASES.filter(({ expected }) => expected === 'y')
  const ask = await walk(stage, allowed, door)
  expect(await ask()).toEqual(allowed)
})

it.each(DOORS)('refuses by %s whatever the table does not allow, and nothing changes', async (_name, door) => {
  const stage = await setStage()
  await using world = stage.world
  const refused = CASES.filter(({ expected }) => expected !== 'y')
  const ask = await walk(stage, refused, door)
  const observers = await Promise.all(
    [stage.people.agent, stage.people.supervisor, stage.people.admin, stage.colleague].map((person) =>
      world.device(person),
    ),
  )
  const heard: string[] = []
  for (const observer of observers) {
    observer.subscribe((change) => void (change.kind === 'tickets' && heard.push(...change.ticketIds)))
  }
  const before = await contentOf(world.app, TRACES)

  expect(await ask()).toEqual(refused)
  expect(await contentOf(world.app, TRACES)).toEqual(before)
  for (const observer of observers) await observer.rejoin()
  expect(heard).toEqual([])
})

it('settles what concerns no ticket by role alone', async () => {
  const stage = await setStage()
  await using _world = stage.world
  const found: Record<string, Record<string, string>> = {}
  for (const what of Object.keys(ANYWHERE) as (keyof typeof ANYWHERE)[]) {
    const letters = []
    for (const role of ROLES) letters.push([role, letterOf(null, await ANYWHERE_CALLS[what](stage, role))] as const)
    found[what] = Object.fromEntries(letters)
  }
  expect(found).toEqual(ANYWHERE)
})

const ANYWHERE_CALLS: Record<keyof typeof ANYWHERE, (stage: Stage, role: Role) => Promise<string | null>> = {
  'open a ticket': (stage, role) => post(stage, role, 'tickets.create', { ticketId: crypto.randomUUID(), title: 'A' }),
  'open a ticket for others': (stage, role) =>
    post(stage, role, 'tickets.create', { ticketId: crypto.randomUUID(), title: 'A', requesterId: stage.other.id }),
  'list people': ({ people }, role) => codeOf(people[role].api.accounts.people.query()),
  'add a person': (stage, role) =>
    post(stage, role, 'accounts.createUser', { name: 'New', email: `by-${role}@example.com`, role: 'admin' }),
  'change what somebody may do': (stage, role) =>
    post(stage, role, 'accounts.setRole', { userId: stage.other.id, role: 'agent' }),
  'change somebody’s departments': (stage, role) =>
    post(stage, role, 'accounts.setDepartments', { userId: stage.other.id, departments: [] }),
  'disable an account': (stage, role) => post(stage, role, 'accounts.disable', { userId: stage.other.id }),
  'enable an account': (stage, role) => post(stage, role, 'accounts.enable', { userId: stage.other.id }),
  'invite somebody into one’s department': (stage, role) => invite(stage, role, 'agent', [stage.home]),
  'invite somebody into another department': (stage, role) => invite(stage, role, 'agent', [stage.away]),
  'invite an administrator': (stage, role) => invite(stage, role, 'admin', []),
  'see who waits for approval': ({ people }, role) => codeOf(people[role].api.accounts.pending.query()),
  'let a newcomer in': async (stage, role) =>
    post(stage, role, 'accounts.approve', { userId: await newcomerOf(stage, `in.${role}`) }),
  'turn a newcomer away': async (stage, role) =>
    post(stage, role, 'accounts.reject', { userId: await newcomerOf(stage, `out.${role}`) }),
  'say who may register': (stage, role) => post(stage, role, 'accounts.setRegistration', { policy: 'closed' }),
  'name a head': (stage, role) =>
    post(stage, role, 'accounts.setHead', {
      userId: stage.people.supervisor.id,
      departmentId: stage.home,
      isHead: true,
    }),
  'edit the own profile': (stage, role) => post(stage, role, 'accounts.editProfile', { locale: 'de' }),
  'add a department': (stage, role) => post(stage, role, 'departments.create', { name: `Made by ${role}` }),
  'list one’s own devices': ({ people }, role) => codeOf(people[role].api.devices.list.query()),
  'list the devices of another': ({ people, colleague }, role) =>
    codeOf(people[role].api.devices.list.query({ userId: colleague.id })),
  'name the device of another': async (stage, role) =>
    post(stage, role, 'devices.rename', { deviceId: await deviceOf(stage), name: 'Van 7' }),
  'revoke the device of another': async (stage, role) =>
    post(stage, role, 'devices.revoke', { deviceId: await deviceOf(stage) }),
  'read what came back after a restore': ({ people }, role) => codeOf(people[role].api.sync.recoveries.query()),
  'see mail that failed': ({ people }, role) => codeOf(people[role].api.mail.failed.query()),
  'see mail that waits': ({ people }, role) => codeOf(people[role].api.mail.waiting.query()),
  'retry mail': (stage, role) => post(stage, role, 'mail.retry', { mailIds: [crypto.randomUUID()] }),
  'discard mail': (stage, role) => post(stage, role, 'mail.discard', { mailIds: [crypto.randomUUID()] }),
  'see the sessions of others': ({ people, other }, role) =>
    codeOf(people[role].api.accounts.sessions.query({ userId: other.id })),
  'end the sessions of others': (stage, role) =>
    post(stage, role, 'accounts.revokeSessionsOf', { userId: stage.other.id }),
  'require a second step of a role': (stage, role) =>
    post(stage, role, 'accounts.mfa.require', { role: 'requester', graceDays: 365 }),
  'take away a second step': (stage, role) => post(stage, role, 'accounts.mfa.reset', { userId: stage.other.id }),
  'read the audit log': ({ people }, role) => codeOf(people[role].api.audit.list.query()),
  'list departments': ({ people }, role) => codeOf(people[role].api.departments.list.query()),
}

async function deviceOf({ world, colleague }: Stage): Promise<string> {
  const { id } = await world.device(colleague)
  return id
}

function invite(stage: Stage, by: Role, role: Role, departments: readonly string[]) {
  return post(stage, by, 'invitations.create', { email: `${role}.by.${by}@example.com`, role, departments })
}

/** Somebody who registered to be an agent of the department of all. */
async function newcomerOf({ world, home }: Stage, name: string): Promise<string> {
  const newcomer = { name, email: `${name}@example.com`, home }
  const { output } = await world.app.commits.commitOrThrow(addNewcomer, newcomer, { actorId: SYSTEM_ID })
  return output
}

const addNewcomer = command({
  name: 'harness.add-newcomer',
  input: z.object({ name: z.string(), email: z.string(), home: z.string() }),
  run: (context, { home, ...person }) =>
    addPerson(context, { ...person, role: 'agent', departments: [home], status: 'pending' }),
})

function post({ world, people }: Stage, role: Role, procedure: string, input: Record<string, unknown>) {
  return callApi(world.url, people[role].token, procedure, input)
}

async function codeOf(call: Promise<unknown>): Promise<string | null> {
  try {
    await call
    return null
  } catch (error) {
    return (error as { data: { code: string } }).data.code
  }
}

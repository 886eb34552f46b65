/** Every role × action × relation through every door, against a table written by hand. */
import { expect, it } from 'vitest'
import type { Role } from '@rejoin/shared/access.ts'
import { byApi, byDevice, byPost, type Ask } from './access/doors.ts'
import { needsResolved, letterOf, setStage, SPOKEN, ticketFor, type Change, type Stage } from './access/stage.ts'
import { CHANGES, RELATIONS, ROLES, type Relation } from './access/table.ts'
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
      const { name, input } = SPOKEN[each.change]
      const code = await ask(stage.people[each.role], name, { ...input(stage), ticketId: tickets[index] })
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

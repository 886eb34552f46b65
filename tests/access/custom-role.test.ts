/** A custom role is one more row of the access table: every door asks it. */
import { expect, it } from 'vitest'
import { rowSeen, type Sight } from './looks.ts'
import { setStage, type Change, type Stage } from './stage.ts'
import type { CHANGES, SIGHT } from './table.ts'
import { casesOf, DOORS, walk } from './walk.ts'

/** Dispatchers are agents who see and assign the tickets of their department, and resolve nothing. */
const DISPATCHER = {
  name: 'Dispatcher',
  base: 'agent' as const,
  grants: {
    'ticket.read': ['own' as const, 'assigned' as const, 'watched' as const, 'department' as const],
    'ticket.read-internal': ['assigned' as const, 'watched' as const, 'department' as const],
    'ticket.replicate': ['assigned' as const, 'department' as const],
    'ticket.edit': ['department' as const],
    'ticket.assign': ['department' as const],
    'ticket.resolve': [],
    'comment.public': ['own' as const, 'assigned' as const, 'watched' as const, 'department' as const],
    'comment.internal': ['department' as const],
  },
}

/** Written by hand, as the tables of the built-in roles are. */
const ROW: Readonly<Record<keyof typeof CHANGES, string>> = {
  //            none own assigned watched queue department
  'ticket.edit': 'n f f f y y',
  'text.write': 'n f y f y f',
  'ticket.tag': 'n f y f y f',
  'ticket.untag': 'n f y f y f',
  'ticket.claim': 'n f y f y f',
  'ticket.assign': 'n f f f y y',
  'ticket.unassign': 'n f y f f f',
  'ticket.move': 'n f y f f f',
  'ticket.transition': 'n f y f f f',
  'ticket.resolve': 'n f f f f f',
  'ticket.reopen': 'n y y f f f',
  'ticket.close': 'n y y f f f',
  'ticket.cancel': 'n y y f f f',
  'ticket.watch': 'n y y y y f',
  'ticket.unwatch': 'n y y y y f',
  'watch for others': 'n f f f f f',
  'public comment': 'n y y y y y',
  'internal comment': 'n f f f y y',
  'work.log': 'n f y f y f',
}

const SEEN: Readonly<Record<keyof typeof SIGHT, string>> = {
  //     none own assigned watched queue department
  get: 'n y y y y y',
  comments: 'n y y y y y',
  work: 'n y y y y y',
  history: 'n y y y y y',
  authors: 'n y y y y y',
  list: 'n y y y y y',
  queue: 'n n y n y y',
  device: 'n n y n y y',
  editor: 'n n y y y y',
}

/** The agent of the stage is a dispatcher. */
async function withDispatcher(): Promise<Stage> {
  const stage = await setStage()
  const { accounts } = (await stage.world.desk()).api
  const { output } = await accounts.roles.create.mutate(DISPATCHER)
  await accounts.setRole.mutate({ userId: stage.people.agent.id, customRoleId: output.customRoleId })
  return stage
}

it.each(DOORS)('lets a custom role change by %s what its row says, and nothing else', async (_name, door) => {
  const stage = await withDispatcher()
  await using _world = stage.world
  const cases = Object.entries(ROW).flatMap(([change, row]) => casesOf(change as Change, 'agent', row))
  const ask = await walk(stage, cases, door)
  expect(await ask()).toEqual(cases)
})

it.each(Object.keys(SEEN) as Sight[])('shows a custom role by %s what its row says, and nothing else', async (way) => {
  const stage = await withDispatcher()
  await using _world = stage.world
  expect(await rowSeen(stage, way, stage.people.agent, SEEN[way])).toBe(SEEN[way])
})

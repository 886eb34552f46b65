/** Every role × action × relation through every door, against a table written by hand. */
import { expect, it } from 'vitest'
import { setStage, type Change } from './stage.ts'
import { CHANGES, ROLES } from './table.ts'
import { casesOf, DOORS, walk, type Case } from './walk.ts'
import { contentOf, TRACES } from '../doors/database.ts'

const CASES: readonly Case[] = Object.entries(CHANGES).flatMap(([change, byRole]) =>
  ROLES.flatMap((role) => casesOf(change as Change, role, byRole[role])),
)

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

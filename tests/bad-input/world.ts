/** A world that keeps what its server logs as errors: bad input must not be among it. */
import { expect } from 'vitest'
import { createLog } from '@rejoin/server/core/runtime/log.ts'
import { contentOf } from '../doors/database.ts'
import { startWorld, type Person, type World } from '../harness/world.ts'

export interface Scene {
  readonly world: World
  /** An agent, their ticket, and one that they may not see. */
  readonly ada: Person
  readonly ticketId: string
  readonly foreignId: string
  /** What the server logged as its own fault. */
  readonly faults: readonly string[]
}

export async function setScene(): Promise<Scene> {
  const faults: string[] = []
  const world = await startWorld({
    log: createLog('error', { write: (line) => void faults.push(line) }),
    // One person brings all of it to one ticket.
    limits: { openingsAtOnce: 1000 },
  })
  const ada = await world.person('ada', 'agent')
  const { id: ticketId } = await world.ticket({ assignee: ada })
  const { id: foreignId } = await world.ticket({ departmentId: await world.department('depot') })
  return { world, ada, ticketId, foreignId, faults }
}

/** Does something that must leave no trace, and checks that it left none and that the server goes on answering. */
export async function leavingNoTrace<Result>(
  { world, ada, ticketId, faults }: Scene,
  act: () => Promise<Result>,
  { except = [] }: { except?: readonly string[] } = {},
): Promise<Result> {
  const before = await contentOf(world.app, { except })
  const result = await act()
  expect(await contentOf(world.app, { except })).toEqual(before)
  expect(await ada.api.tickets.get.query({ ticketId })).toMatchObject({ id: ticketId })
  expect(faults).toEqual([])
  return result
}

/** Goes through cases of a table of changes: each on a ticket of its own, by one of the doors. */
import type { Role } from '@rejoin/shared/access/access.ts'
import { byApi, byDevice, byPost, type Ask } from './doors.ts'
import { letterOf, needsResolved, SPOKEN, ticketFor, type Change, type Stage } from './stage.ts'
import { RELATIONS, type Relation } from './table.ts'

export interface Case {
  readonly change: Change
  readonly role: Role
  readonly relation: Relation
  readonly expected: string
}

/** The cases of one row: a letter for each relation. */
export function casesOf(change: Change, role: Role, row: string): Case[] {
  return row.split(' ').flatMap((expected, column) => {
    const relation = RELATIONS[column]
    return expected === '-' || relation === undefined ? [] : [{ change, role, relation, expected }]
  })
}

export const DOORS = [
  ['the API', byApi],
  ['a device', byDevice],
  ['POST /sync', byPost],
] as const

/** Makes a ticket for each case. The function it resolves with asks for each change in turn, and gives the letters. */
export async function walk(
  stage: Stage,
  cases: readonly Case[],
  door: (stage: Stage) => Ask,
): Promise<() => Promise<Case[]>> {
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

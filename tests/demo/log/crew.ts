/** Makes a department, a person and a device for each assignment group of the log. */
import { addPerson, type Person } from '../workspace.ts'
import { Group } from './group.ts'
import { randomFrom } from '../../harness/random.ts'
import type { Update } from './read.ts'

/** Whoever has an incident that no group has yet. */
const SERVICE_DESK = 'Service desk'

export interface Crew {
  readonly groups: readonly Group[]
  /** Whoever may move any ticket. */
  readonly dispatcher: Person
  groupOf(update: Update): Group
}

export interface CrewOptions {
  readonly url: string
  readonly admin: Person
  readonly seed: number
  /** Hears of what goes wrong in the background. */
  readonly fail: (error: unknown) => void
}

export async function hire(updates: readonly Update[], { url, admin, seed, fail }: CrewOptions): Promise<Crew> {
  const names = [...new Set(updates.map(nameOf))]
  const departments = await Promise.all(names.map((name) => admin.api.departments.create.mutate({ name })))
  const ids = departments.map(({ output }) => output.departmentId)
  const people = await Promise.all(
    names.map((name, index) =>
      addPerson(url, admin, { name: `${name} agent`, role: 'agent', departments: ids.slice(index, index + 1) }),
    ),
  )
  const groups = new Map<string, Group>()
  for (const [index, person] of people.entries()) {
    const [departmentId = ''] = person.departments
    const random = randomFrom(seed + index + 1).next
    groups.set(names[index] ?? '', await Group.open(person, { url, departmentId, random, fail }))
  }
  return {
    groups: [...groups.values()],
    dispatcher: admin,
    groupOf(update) {
      const group = groups.get(nameOf(update))
      if (group === undefined) throw new Error(`there is no group ${nameOf(update)}`)
      return group
    },
  }
}

function nameOf({ group }: Update): string {
  return group ?? SERVICE_DESK
}

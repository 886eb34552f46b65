/** Makes a department, a person and a device for each assignment group of the log. */
import { addPerson, type Person } from '../workspace.ts'
import { Group } from './group.ts'
import { randomFrom } from '../../harness/random.ts'
import type { Update } from './read.ts'

/** The group of an incident that no group has yet. */
const SERVICE_DESK = 'Service desk'

export interface Crew {
  readonly groups: readonly Group[]
  /** A person who may move any ticket. */
  readonly dispatcher: Person
  groupOf(update: Update): Group
}

export interface CrewOptions {
  readonly url: string
  readonly admin: Person
  readonly seed: number
  /** Called with errors of background work. */
  readonly fail: (error: unknown) => void
}

export async function hire(updates: readonly Update[], { url, admin, seed, fail }: CrewOptions): Promise<Crew> {
  const names = [...new Set(updates.map(nameOf))]
  const departments = await Promise.all(names.map((name) => admin.api.departments.create.mutate({ name })))
  const ids = departments.map(({ output }) => output.departmentId)
  const groups = new Map<string, Group>()
  for (const [index, name] of names.entries()) {
    const [departmentId = ''] = ids.slice(index)
    // One after the other: many sign-ins at once from one network are taken for guessing.
    const person = await addPerson(url, admin, { name: `${name} agent`, role: 'agent', departments: [departmentId] })
    const random = randomFrom(seed + index + 1).next
    groups.set(name, await Group.open(person, { url, departmentId, random, fail }))
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

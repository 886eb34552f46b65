/**
 * What people choose by its name: no two of a kind may have names that people cannot tell apart. Those that were there
 * before stay, and the doctor tells of them. What nobody chooses by its name (a token, a device) is not here.
 */
import { Refusal } from '@rejoin/shared/errors.ts'
import { composed, isTwin } from '@rejoin/shared/names.ts'
import type { Read } from './storage/db.ts'

/** Each selects `id` and `name`. */
const KINDS = {
  department: 'select id, name from department',
  role: 'select id, name from customRole',
  calendar: 'select id, name from slaCalendar',
  policy: `select slaPolicy.id, slaPolicyVersion.value ->> 'name' as name
    from slaPolicy join slaPolicyVersion on slaPolicyVersion.id = slaPolicy.versionId
    where json_valid(slaPolicyVersion.value)`,
} as const
export type Kind = keyof typeof KINDS

export interface Named {
  readonly id: string
  readonly name: string
}

/** All of a kind, by name. */
export function allNamed(read: Read, kind: Kind): Named[] {
  return read
    .rows<Named>(`select id, name from (${KINDS[kind]}) order by name, id`, [])
    .filter(({ name }) => typeof name === 'string')
}

/** Throws `Refusal('conflict')` with the name of the other. One that keeps its name keeps it, twin or not. */
export function mustBeFree(read: Read, kind: Kind, { id, name }: Named): void {
  const all = allNamed(read, kind)
  if (all.some((each) => each.id === id && each.name === name)) return
  const taken = all.find((each) => each.id !== id && isTwin(each.name, name))
  if (taken === undefined) return
  throw new Refusal('conflict', `name: there is already a ${kind} ${taken.name}.`, 'Choose another name.')
}

/** By its exact name, or else the one whose name reads the same. Throws `Refusal('conflict')` where several do. */
export function findNamed(read: Read, kind: Kind, typed: string): Named | undefined {
  const name = composed(typed).trim()
  // A file of people has the exact names, many times over: the others are not read for them.
  const [exact] = read.rows<Named>(`select id, name from (${KINDS[kind]}) where name = ? collate binary limit 1`, [
    name,
  ])
  if (exact !== undefined) return exact
  const twins = allNamed(read, kind).filter((each) => isTwin(each.name, name))
  if (twins.length < 2) return twins[0]
  const names = twins.map((each) => each.name).join(', ')
  throw new Refusal('conflict', `"${name}" can be each of: ${names}.`, `Write the name of the ${kind} exactly.`)
}

/**
 * Rows that people choose by name: no two of a kind may have names that people cannot tell apart. Twins from before
 * that rule stay, and the doctor reports them. Each slice lists its own such rows; tokens and devices are not among
 * them.
 */
import { Refusal } from '@rejoin/shared/errors.ts'
import { composed, isTwin } from '@rejoin/shared/names.ts'
import type { Read } from './storage/db.ts'

/** Rows that are chosen by name. */
export interface NamedRows {
  /** In the singular, for sentences. */
  readonly noun: string
  /** Selects `id` and `name`. */
  readonly select: string
}

export interface Named {
  readonly id: string
  readonly name: string
}

/** All of them, by name. */
export function allNamed(read: Read, kind: NamedRows): Named[] {
  return read
    .rows<Named>(`select id, name from (${kind.select}) order by name, id`, [])
    .filter(({ name }) => typeof name === 'string')
}

/** Throws `Refusal('conflict')` with the name of the other row. A row that keeps its name passes, twin or not. */
export function mustBeFree(read: Read, kind: NamedRows, { id, name }: Named): void {
  const all = allNamed(read, kind)
  if (all.some((each) => each.id === id && each.name === name)) return
  const taken = all.find((each) => each.id !== id && isTwin(each.name, name))
  if (taken === undefined) return
  throw new Refusal('conflict', `name: there is already a ${kind.noun} ${taken.name}.`, 'Choose another name.')
}

/**
 * The row of that exact name, or else the one whose name reads the same. Throws `Refusal('conflict')` if several do.
 */
export function findNamed(read: Read, kind: NamedRows, typed: string): Named | undefined {
  const name = composed(typed).trim()
  // A file of people uses the exact names many times: the other rows are not read for them.
  const [exact] = read.rows<Named>(`select id, name from (${kind.select}) where name = ? collate binary limit 1`, [
    name,
  ])
  if (exact !== undefined) return exact
  const twins = allNamed(read, kind).filter((each) => isTwin(each.name, name))
  if (twins.length < 2) return twins[0]
  const names = twins.map((each) => each.name).join(', ')
  throw new Refusal('conflict', `"${name}" can be each of: ${names}.`, `Write the name of the ${kind.noun} exactly.`)
}

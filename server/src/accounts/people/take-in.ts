/** Taking in the people of a file, one by one or many at once, and everybody for one. */
import { Refusal } from '@rejoin/shared/errors.ts'
import { z } from 'zod'
import { command } from '../../core/commit/command.ts'
import type { Read, Tx } from '../../core/db.ts'
import { findNamed } from '../../core/named.ts'
import type { Done } from '../../core/commit/ports.ts'
import { mustTakeMembers } from '../../departments/queries.ts'
import { findUserByEmail, mustAnywhere } from '../queries.ts'
import { mustHaveAllOf } from '../roles/queries.ts'
import { askIn, whyLettersWait } from '../joining/ask-in.ts'
import { addPerson } from './add.ts'
import { csvOf, linesOf, PersonRow } from './csv.ts'

/** Adds the person and asks them in, unless the address is somebody's already: then nothing changes. */
export const takeInPerson = command({
  name: 'user.take-in',
  input: PersonRow,
  async run(context, { departments: names, ...person }): Promise<void> {
    mustAnywhere(context.actor, 'user.create')
    mustHaveAllOf(context.actor, person)
    if ((await findUserByEmail(context.tx, person.email)) !== undefined) {
      context.adjust('already-done', `email: there is already an account with ${person.email}.`)
      return
    }
    const departments: string[] = []
    for (const name of names) departments.push(await departmentCalled(context.tx, name))
    await addPerson(context, { ...person, departments })
    if (person.status === 'active') await askIn(context, person.email)
  },
})

/** What became of a line of the file. */
export interface TakenIn {
  readonly line: number
  readonly outcome: 'added' | 'there' | 'left-out'
  /** Why it was left out. */
  readonly message?: string
}

/** One transaction, so that it must not last. */
const MOST_LINES = 500

/** Each line by itself: one that cannot be taken in is left out with a reason, and nothing of it is kept. */
export const importPeople = command({
  name: 'user.import',
  input: z.strictObject({ csv: z.string().max(1_000_000) }),
  check: async ({ actor }) => mustAnywhere(actor, 'user.create'),
  prepare: async (_context, { csv }) => linesOf(csv, 'csv'),
  async run(context, _input, rows): Promise<{ lines: TakenIn[]; note?: string }> {
    mustAnywhere(context.actor, 'user.create')
    if (rows.length > MOST_LINES) {
      const message = `csv: it has ${rows.length} lines; at most ${MOST_LINES} are accepted at once.`
      throw new Refusal('too-large', message, 'Send it in parts, each with the header line.')
    }
    const lines: TakenIn[] = []
    for (const { line, cells } of rows) lines.push(takenIn(line, await context.call(takeInPerson, cells)))
    const { added = 0, there = 0, 'left-out': leftOut = 0 } = countBy(lines)
    const payload = { added, there, leftOut }
    await context.event({ subject: 'user', subjectId: 'all', type: 'people-imported', payload })
    return { lines, ...(added > 0 && (await whyLettersWait(context.tx))) }
  },
})

export function takenIn(line: number, { outcome, message }: Pick<Done<unknown>, 'outcome' | 'message'>): TakenIn {
  if (outcome === 'applied') return { line, outcome: 'added' }
  if (outcome === 'adjusted') return { line, outcome: 'there' }
  return { line, outcome: 'left-out', message: message ?? 'it could not be imported' }
}

export function countBy(lines: readonly TakenIn[]): Partial<Record<TakenIn['outcome'], number>> {
  const groups = Map.groupBy(lines, ({ outcome }) => outcome)
  return Object.fromEntries([...groups].map(([outcome, { length }]) => [outcome, length]))
}

async function departmentCalled(tx: Tx, name: string): Promise<string> {
  const found = findNamed(tx, 'department', name)
  if (found === undefined)
    throw new Refusal('not-found', `departments: there is no department ${name}.`, 'Create it first.')
  await mustTakeMembers(tx, [found.id])
  return found.id
}

/** Everybody as CSV, in the order in which they came. The audit log keeps that it was made. */
export const exportPeople = command({
  name: 'user.export',
  input: z.void(),
  async run({ tx, actor, event }): Promise<string> {
    mustAnywhere(actor, 'user.export')
    const people = await tx.selectFrom('user').selectAll().orderBy('createdAt').orderBy('id').execute()
    const departments = await departmentNames(tx)
    const rows = people.map((person) => ({ ...person, departments: departments.get(person.id) ?? [] }))
    await event({ subject: 'user', subjectId: 'all', type: 'people-exported', payload: { people: rows.length } })
    return csvOf(rows)
  },
})

async function departmentNames(read: Read): Promise<Map<string, string[]>> {
  const rows = await read
    .selectFrom('membership')
    .innerJoin('department', 'department.id', 'departmentId')
    .select(['userId', 'name'])
    .orderBy('name')
    .execute()
  return new Map([...Map.groupBy(rows, ({ userId }) => userId)].map(([id, own]) => [id, own.map(({ name }) => name)]))
}

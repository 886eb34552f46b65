/** Taking in one person of a file, and all people for one. */
import { Refusal } from '@rejoin/shared/errors.ts'
import { z } from 'zod'
import { command } from '../../core/commit/command.ts'
import type { Read, Tx } from '../../core/db.ts'
import { findUserByEmail } from '../queries.ts'
import { addPerson } from './add.ts'
import { csvOf, PersonRow } from './csv.ts'

/** Adds the person, unless the address is somebody's already: then nothing changes. They have no password yet. */
export const takeInPerson = command({
  name: 'user.take-in',
  input: PersonRow,
  async run(context, { departments: names, ...person }): Promise<{ isNew: boolean }> {
    if ((await findUserByEmail(context.tx, person.email)) !== undefined) return { isNew: false }
    const departments: string[] = []
    for (const name of names) departments.push(await departmentCalled(context.tx, name))
    await addPerson(context, { ...person, departments })
    return { isNew: true }
  },
})

async function departmentCalled(tx: Tx, name: string): Promise<string> {
  const row = await tx.selectFrom('department').select('id').where('name', '=', name).executeTakeFirst()
  if (row === undefined) throw new Refusal('not-found', `departments: there is none called ${name}.`, 'Add it first.')
  return row.id
}

/** Everybody as CSV, in the order in which they came. The audit log keeps that it was made. */
export const exportPeople = command({
  name: 'user.export',
  input: z.object({}),
  async run({ tx, event }): Promise<string> {
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

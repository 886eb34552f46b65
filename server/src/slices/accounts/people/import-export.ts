/** Imports people from a file, one by one or many at once, and exports everybody into one. */
import type { CustomRole, Role } from '@rejoin/shared/access/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { implement } from '../../../core/api/implement.ts'
import { command } from '../../../core/command.ts'
import type { Read, Tx } from '../../../core/storage/db.ts'
import { findNamed } from '../../../core/named.ts'
import { DEPARTMENT_NAMES } from '../../departments/queries.ts'
import { ROLE_NAMES } from '../roles/queries.ts'
import type { Done } from '../../../core/commit/ports.ts'
import { mustTakeMembers } from '../../departments/queries.ts'
import { findUserByEmail, mustAnywhere } from '../queries.ts'
import { getCustomRole, mustHaveAllOf } from '../roles/queries.ts'
import { askIn, reachesNobody, whyLettersWait } from '../invitations/ask-in.ts'
import { addPerson } from './add.ts'
import * as contract from '../contract/people.ts'
import { csvOf, linesOf, PersonRow, type Line } from './csv.ts'

/** Adds the person and asks them in, unless the address is somebody's already: then nothing changes. */
export const importPerson = command({
  name: 'user.take-in',
  input: PersonRow,
  async run(context, { departments: names, 'custom role': roleName, ...person }): Promise<void> {
    mustAnywhere(context.actor, 'user.create')
    const customRole = roleName === undefined ? undefined : await roleCalled(context.tx, roleName, person.role)
    mustHaveAllOf(context.actor, { ...person, customRole })
    if ((await findUserByEmail(context.tx, person.email)) !== undefined) {
      context.adjust('already-done', `email: there is already an account with ${person.email}.`)
      return
    }
    const departments: string[] = []
    for (const name of names) departments.push(departmentCalled(context.tx, name))
    await addPerson(context, { ...person, customRoleId: customRole?.id, departments })
    if (person.status === 'active') await askIn(context, person.email)
  },
})

/** One transaction, so that it must not last. */
const MOST_LINES = 500

/** Each line by itself: one that cannot be imported is left out with a reason, and nothing of it is kept. */
export const importPeople = implement(
  contract.importPeople,
  {
    check: ({ actor }) => mustAnywhere(actor, 'user.create'),
    prepare: (_context, { csv }) => linesOf(csv, 'csv'),
  },
  async (context, _input, rows) => {
    mustAnywhere(context.actor, 'user.create')
    if (rows.length > MOST_LINES) {
      const message = `csv: it has ${rows.length} lines; at most ${MOST_LINES} are accepted at once.`
      throw new Refusal('too-large', message, 'Send it in parts, each with the header line.')
    }
    const lines: contract.ImportedLine[] = []
    let isAnyAsked = false
    for (const { line, cells } of rows) {
      const answer = await context.call(importPerson, cells)
      lines.push(importedLine(line, answer))
      if (isAsked(cells, answer)) isAnyAsked = true
    }
    const { added = 0, there = 0, 'left-out': leftOut = 0 } = countBy(lines)
    const payload = { added, there, leftOut }
    await context.event({ subject: 'user', subjectId: 'all', type: 'people-imported', payload })
    return { lines, ...(isAnyAsked && (await whyLettersWait(context.tx))) }
  },
)

export function importedLine(
  line: number,
  { outcome, message }: Pick<Done<unknown>, 'outcome' | 'message'>,
): contract.ImportedLine {
  if (outcome === 'applied') return { line, outcome: 'added' }
  if (outcome === 'adjusted') return { line, outcome: 'there' }
  return { line, outcome: 'left-out', message: message ?? 'it could not be imported' }
}

/** Whether the person of this line was added and has an invitation. */
export function isAsked(cells: Line['cells'], { outcome }: Pick<Done<unknown>, 'outcome'>): boolean {
  if (outcome !== 'applied') return false
  const { status, email } = PersonRow.parse(cells)
  return status === 'active' && !reachesNobody(email)
}

export function countBy(
  lines: readonly contract.ImportedLine[],
): Partial<Record<contract.ImportedLine['outcome'], number>> {
  const groups = Map.groupBy(lines, ({ outcome }) => outcome)
  return Object.fromEntries([...groups].map(([outcome, { length }]) => [outcome, length]))
}

function departmentCalled(tx: Tx, name: string): string {
  const id = idOf(findNamed(tx, DEPARTMENT_NAMES, name), name, 'departments: there is no department')
  mustTakeMembers(tx, [id])
  return id
}

/** Never the base role alone: a custom role may be narrower. */
async function roleCalled(tx: Tx, name: string, base: Role): Promise<CustomRole> {
  const id = idOf(findNamed(tx, ROLE_NAMES, name), name, 'custom role: there is no custom role')
  const { role, customRole } = await getCustomRole(tx, id)
  if (role === base) return customRole
  throw new Refusal('conflict', `role: the custom role ${customRole.name} is based on ${role}, not on ${base}.`)
}

function idOf(found: { readonly id: string } | undefined, name: string, lacking: string): string {
  if (found === undefined) throw new Refusal('not-found', `${lacking} ${name}.`, 'Create it first.')
  return found.id
}

/** Everybody as CSV, in the order in which they came. The audit log keeps that it was made. */
export const exportPeople = implement(contract.exportPeople, async ({ tx, actor, event }) => {
  mustAnywhere(actor, 'user.export')
  const people = await tx
    .selectFrom('user')
    .leftJoin('customRole', 'customRole.id', 'customRoleId')
    .selectAll('user')
    .select('customRole.name as custom role')
    .orderBy('user.createdAt')
    .orderBy('user.id')
    .execute()
  const departments = await departmentNames(tx)
  const rows = people.map((person) => ({ ...person, departments: departments.get(person.id) ?? [] }))
  await event({ subject: 'user', subjectId: 'all', type: 'people-exported', payload: { people: rows.length } })
  return csvOf(rows)
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

/** A person's departments: an administrator sets them, or a supervisor who decides about every department changed. */
import { may, type Actor, type Relation } from '@rejoin/shared/access/access.ts'
import { beyond } from '@rejoin/shared/access/custom-roles.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { implement } from '../../../core/api/implement.ts'
import type { Read, Tx } from '../../../core/storage/db.ts'
import { mustTakeMembers } from '../../departments/queries.ts'
import { getAuthor } from '../queries.ts'
import { rightsChanged } from '../rights.ts'
import * as contract from '../contract/people.ts'
import { supervisorsIn } from './queries.ts'

const ACTION = 'user.set-departments'

export const setDepartments = implement(
  contract.setDepartments,
  { room: 'any' },
  async (context, { userId, departments }) => {
    const { tx, actor, adjust } = context
    if (!may(actor, ACTION, new Set(['any', 'department']))) throw notTheirs()
    const person = getAuthor(tx, userId)
    const change = new Set(departments).symmetricDifference(new Set(person.departments))
    if (!may(actor, ACTION, await relationsTo(tx, { actor, person, change }))) throw notTheirs()
    if (change.size === 0) {
      adjust('already-done', `${person.name} is already in these departments.`)
      return
    }
    for (const departmentId of change) await move(tx, person, departmentId)
    await rightsChanged(context, person)
  },
)

function notTheirs(): Refusal {
  return new Refusal('forbidden', 'You cannot change these departments of this person.', 'Ask an administrator.')
}

/** `department`: another person in a department of the actor, with no more rights, and only such departments change. */
async function relationsTo(
  read: Read,
  { actor, person, change }: { actor: Actor; person: Actor; change: ReadonlySet<string> },
): Promise<Set<Relation>> {
  const theirs: string[] = []
  for (const id of actor.departments) if ((await supervisorsIn(read, [id], ACTION)).includes(actor.id)) theirs.push(id)
  const isWithin =
    person.departments.some((id) => theirs.includes(id)) && [...change].every((id) => theirs.includes(id))
  const isBelow = person.id !== actor.id && beyond(actor, person) === undefined
  return new Set<Relation>(isWithin && isBelow ? ['any', 'department'] : ['any'])
}

async function move(tx: Tx, { id: userId, departments }: Actor, departmentId: string): Promise<void> {
  if (departments.includes(departmentId)) {
    await tx.deleteFrom('membership').where('userId', '=', userId).where('departmentId', '=', departmentId).execute()
    return
  }
  mustTakeMembers(tx, [departmentId])
  await tx.insertInto('membership').values({ userId, departmentId, isHead: 0 }).execute()
}

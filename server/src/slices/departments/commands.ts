/**
 * Commands about departments. A disabled department accepts no new tickets and no new members. Its members go on working on
 * its tickets, and finish or move them.
 */
import { may, type Action, type Actor } from '@rejoin/shared/access/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { OPEN_STATUSES } from '@rejoin/shared/statuses.ts'
import { implement } from '../../core/api/implement.ts'
import type { CommandContext } from '../../core/command.ts'
import type { Read } from '../../core/storage/db.ts'
import { mustBeFree } from '../../core/named.ts'
import * as contract from './contract.ts'
import { DEPARTMENT_NAMES, findDepartment, getDepartment } from './queries.ts'

export const createDepartment = implement(
  contract.create,
  async ({ tx, now, actor, newId, event }, { departmentId = newId(), name }) => {
    mustBeAdministrator(actor, 'department.create')
    if (findDepartment(tx, departmentId) !== undefined)
      throw new Refusal('conflict', `departmentId: there is already a department with the id ${departmentId}.`)
    mustBeFree(tx, DEPARTMENT_NAMES, { id: departmentId, name })
    const row = { id: departmentId, name, createdAt: now, disabledAt: null }
    await tx.insertInto('department').values(row).execute()
    await event({ subject: 'department', subjectId: departmentId, type: 'department-created', payload: { name } })
    return { departmentId }
  },
)

export const renameDepartment = implement(
  contract.rename,
  async ({ tx, actor, adjust, event }, { departmentId, name: to }) => {
    mustBeAdministrator(actor, 'department.manage')
    const { name: from } = getDepartment(tx, departmentId)
    if (from === to) {
      adjust('already-done', `The department is already called ${to}.`)
      return
    }
    mustBeFree(tx, DEPARTMENT_NAMES, { id: departmentId, name: to })
    await tx.updateTable('department').set({ name: to }).where('id', '=', departmentId).execute()
    await event({
      subject: 'department',
      subjectId: departmentId,
      type: 'department-renamed',
      payload: { from, to },
    })
  },
)

/** The names of the SLA policies that hand tickets to a department; the composition root hands it in. */
export type PoliciesHandingTo = (read: Read, departmentId: string) => Promise<string[]>

export const disableDepartment = (policiesHandingTo: PoliciesHandingTo) =>
  implement(contract.disable, async (context, { departmentId }) => {
    const { tx } = context
    mustBeAdministrator(context.actor, 'department.manage')
    await setDisabled(context, departmentId, context.now)
    const tickets = tx.selectFrom('ticket').where('departmentId', '=', departmentId)
    const open = tickets.where('status', 'in', [...OPEN_STATUSES]).select(({ fn }) => fn.countAll<number>().as('count'))
    const { count: openTickets } = await open.executeTakeFirstOrThrow()
    return { openTickets, policies: await policiesHandingTo(tx, departmentId) }
  })

export const enableDepartment = implement(contract.enable, async (context, { departmentId }) => {
  mustBeAdministrator(context.actor, 'department.manage')
  await setDisabled(context, departmentId, null)
})

async function setDisabled({ tx, adjust, event }: CommandContext, departmentId: string, disabledAt: number | null) {
  const department = getDepartment(tx, departmentId)
  const word = disabledAt === null ? 'enabled' : 'disabled'
  if ((department.disabledAt === null) === (disabledAt === null)) {
    adjust('already-done', `${department.name} is already ${word}.`)
    return
  }
  await tx.updateTable('department').set({ disabledAt }).where('id', '=', departmentId).execute()
  const type = disabledAt === null ? 'department-enabled' : 'department-disabled'
  await event({ subject: 'department', subjectId: departmentId, type })
}

function mustBeAdministrator(actor: Actor, action: Action): void {
  if (may(actor, action, new Set(['any']))) return
  throw new Refusal('forbidden', 'Only administrators can create and change departments.', 'Ask an administrator.')
}

/**
 * The department for tickets that name none. Until somebody has chosen it, it is the first department that is made; while
 * it is the default it cannot be disabled.
 */
import { Refusal } from '@rejoin/shared/errors.ts'
import type { CommandContext } from '../../core/command.ts'
import type { Event } from '../../core/events.ts'
import { changeSetting } from '../../core/settings.ts'
import { getDepartment } from '../departments/queries.ts'
import { KEY, workspaceOf } from './queries.ts'

export async function keepDefaultDepartment(context: CommandContext, { type, subjectId }: Event): Promise<void> {
  if (type === 'department-created') await nameDefaultDepartment(context, subjectId)
  if (type === 'department-disabled') await mustNotBeDefault(context, subjectId)
}

async function nameDefaultDepartment(context: CommandContext, departmentId: string): Promise<void> {
  const workspace = await workspaceOf(context.tx)
  if (workspace.defaultDepartmentId !== undefined) return
  await changeSetting(context, KEY, { ...workspace, defaultDepartmentId: departmentId })
}

async function mustNotBeDefault({ tx }: CommandContext, departmentId: string): Promise<void> {
  if ((await workspaceOf(tx)).defaultDepartmentId !== departmentId) return
  const { name } = getDepartment(tx, departmentId)
  const message = `${name} is the default department, for tickets without a department.`
  throw new Refusal('conflict', message, 'Set another defaultDepartmentId with workspace.edit first.')
}

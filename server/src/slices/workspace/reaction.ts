/** Until somebody has said where tickets without a department go, they go to the first department that is made. */
import type { CommandContext, Event } from '../../core/command.ts'
import { changeSetting } from '../../core/settings.ts'
import { KEY, workspaceOf } from './queries.ts'

export async function nameDefaultDepartment(context: CommandContext, { type, subjectId }: Event): Promise<void> {
  if (type !== 'department-created') return
  const workspace = await workspaceOf(context.tx)
  if (workspace.defaultDepartmentId !== undefined) return
  await changeSetting(context, KEY, { ...workspace, defaultDepartmentId: subjectId })
}

/** What the workspace is called, in which time zone it is at home, and where tickets without a department go. */
import { visibleName } from '@rejoin/shared/names.ts'
import { Id } from '@rejoin/shared/tickets.ts'
import { mustAnywhere } from '../accounts/queries.ts'
import { command } from '../core/commit/command.ts'
import { changeSetting } from '../core/settings.ts'
import { getTaking } from '../departments/queries.ts'
import { KEY, Workspace, workspaceOf } from './queries.ts'

export const editWorkspace = command({
  name: 'workspace.edit',
  /** Without `defaultDepartmentId` it stays. */
  input: Workspace.extend({ name: visibleName(120), defaultDepartmentId: Id.nullable().optional() }),
  async run(context, { defaultDepartmentId, ...own }) {
    mustAnywhere(context.actor, 'workspace.edit')
    if (typeof defaultDepartmentId === 'string') await getTaking(context.tx, defaultDepartmentId)
    const { defaultDepartmentId: before } = await workspaceOf(context.tx)
    const kept = defaultDepartmentId === undefined ? before : defaultDepartmentId
    await changeSetting(context, KEY, { ...own, ...(kept !== undefined && { defaultDepartmentId: kept }) })
  },
})

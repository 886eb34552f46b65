/** What the workspace is called, in which time zone it is at home, and where tickets without a department go. */
import { mustAnywhere } from '../accounts/queries.ts'
import { implement } from '../../core/api/implement.ts'
import { changeSetting } from '../../core/settings.ts'
import { getTaking } from '../departments/queries.ts'
import * as contract from './contract.ts'
import { KEY, workspaceOf } from './queries.ts'

export const editWorkspace = implement(contract.edit, async (context, change) => {
  mustAnywhere(context.actor, 'workspace.edit')
  if (typeof change.defaultDepartmentId === 'string') getTaking(context.tx, change.defaultDepartmentId)
  const before = await workspaceOf(context.tx)
  const { name = before.name, zone = before.zone, defaultDepartmentId = before.defaultDepartmentId } = change
  await changeSetting(context, KEY, { name, zone, ...(defaultDepartmentId !== undefined && { defaultDepartmentId }) })
})

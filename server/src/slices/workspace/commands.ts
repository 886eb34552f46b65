/** What the workspace is called, in which time zone it is at home, and where tickets without a department go. */
import { z } from 'zod'
import { visibleName } from '@rejoin/shared/names.ts'
import { Id } from '@rejoin/shared/tickets/ticket.ts'
import { Zone } from '@rejoin/shared/zone.ts'
import { mustAnywhere } from '../accounts/queries.ts'
import { command } from '../../core/command.ts'
import { changeSetting } from '../../core/settings.ts'
import { getTaking } from '../departments/queries.ts'
import { KEY, workspaceOf } from './queries.ts'

export const editWorkspace = command({
  name: 'workspace.edit',
  /** An absent field stays as it is. */
  input: z.strictObject({
    name: visibleName(120).optional(),
    zone: Zone.optional(),
    defaultDepartmentId: Id.nullable().optional(),
  }),
  async run(context, change) {
    mustAnywhere(context.actor, 'workspace.edit')
    if (typeof change.defaultDepartmentId === 'string') await getTaking(context.tx, change.defaultDepartmentId)
    const before = await workspaceOf(context.tx)
    const { name = before.name, zone = before.zone, defaultDepartmentId = before.defaultDepartmentId } = change
    await changeSetting(context, KEY, { name, zone, ...(defaultDepartmentId !== undefined && { defaultDepartmentId }) })
  },
})

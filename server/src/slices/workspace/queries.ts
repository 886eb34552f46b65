/** Reading what the workspace is. */
import { z } from 'zod'
import { name } from '@rejoin/shared/names.ts'
import type { Read } from '../../core/storage/db.ts'
import type { QueryContext } from '../../core/api/procedures.ts'
import { findSetting } from '../../core/settings.ts'

export const KEY = 'workspace'

const Workspace = z.object({
  name: name(120),
  zone: z.string(),
  /** Where tickets go whose author names no department and is in none; null: to administrators only. Absent: never said. */
  defaultDepartmentId: z.string().nullable().optional(),
})
type Workspace = z.output<typeof Workspace>

const AS_DELIVERED: Workspace = { name: 'Rejoin', zone: 'UTC' }

export async function workspaceOf(read: Read): Promise<Workspace> {
  return (await findSetting(read, KEY, (json) => Workspace.parse(json))) ?? AS_DELIVERED
}

export async function workspace({ read }: QueryContext) {
  const { defaultDepartmentId = null, ...own } = await workspaceOf(read)
  return { ...own, defaultDepartmentId }
}

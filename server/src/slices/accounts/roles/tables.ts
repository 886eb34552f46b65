import type { Role } from '@rejoin/shared/access/access.ts'

export interface CustomRoleTable {
  id: string
  name: string
  /** Never changes: the `role` of every person with the custom role is the same. */
  base: Role
  /** JSON of `Grants`: the cells of the access table that it has of its own. */
  grants: string
  createdAt: number
}

declare module '../../../core/storage/db.ts' {
  interface Tables {
    customRole: CustomRoleTable
  }
}

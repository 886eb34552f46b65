import type { Role } from '@rejoin/shared/access/access.ts'

export interface CustomRoleTable {
  id: string
  name: string
  /** It stays: the `role` of whoever has the custom role is this one. */
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

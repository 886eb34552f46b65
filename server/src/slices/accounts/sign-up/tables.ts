import type { Role } from '@rejoin/shared/access/access.ts'

/** Somebody asked to sign up; whether the address is anybody's yet is not known. */
export interface RegistrationTable {
  email: string
  role: Role
  departmentId: string | null
  requestedAt: number
}

declare module '../../../core/storage/db.ts' {
  interface Tables {
    registration: RegistrationTable
  }
}

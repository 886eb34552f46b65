export interface DepartmentTable {
  id: string
  name: string
  createdAt: number
  /** Since then it takes no new tickets and no new members; null while it does. */
  disabledAt: number | null
}

declare module '../../core/storage/db.ts' {
  interface Tables {
    department: DepartmentTable
  }
}

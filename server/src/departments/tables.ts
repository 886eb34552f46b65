export interface DepartmentTable {
  id: string
  name: string
  createdAt: number
}

declare module '../core/db.ts' {
  interface Tables {
    department: DepartmentTable
  }
}

/** The operations on departments. */
import { z } from 'zod'
import { declare, declareQuery } from '@rejoin/shared/contract/declare.ts'
import { visibleName } from '@rejoin/shared/names.ts'
import { Id, Instant } from '@rejoin/shared/values.ts'
import { pageBy } from '../../core/input/paging.ts'

const Name = visibleName(120)
const OneDepartment = z.strictObject({ departmentId: Id })

export const DepartmentPage = pageBy({ name: z.string() }).prefault({})
export type DepartmentPage = z.output<typeof DepartmentPage>

export const list = declareQuery({
  name: 'departments.list',
  input: DepartmentPage,
  output: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      /** Since then it takes no new tickets and no new members; null while it does. */
      disabledAt: Instant.nullable(),
    }),
  ),
  action: 'department.list',
  codes: [],
  rest: 'GET /departments',
  doc: 'Lists the departments by name, the disabled ones too.',
})

export const create = declare({
  name: 'department.create',
  input: z.strictObject({ departmentId: Id.optional(), name: Name }),
  output: z.object({ departmentId: z.string() }),
  action: 'department.create',
  codes: ['conflict'],
  mints: 'departmentId',
  rest: 'POST /departments',
  doc: 'Creates a department, with a name that no other department has.',
})

export const rename = declare({
  name: 'department.rename',
  input: OneDepartment.extend({ name: Name }),
  output: z.void(),
  action: 'department.manage',
  codes: ['conflict'],
  rest: 'PATCH /departments/{departmentId}',
  doc: 'Gives a department another name.',
})

export const disable = declare({
  name: 'department.disable',
  input: OneDepartment,
  output: z.object({
    openTickets: z.int(),
    /** By name, those that would hand tickets to it. While it is disabled, such a ticket stays where it is. */
    policies: z.array(z.string()),
  }),
  action: 'department.manage',
  codes: ['conflict'],
  rest: 'POST /departments/{departmentId}/disable',
  doc: 'Disables a department: it takes no new tickets and no new members, and its members finish the tickets it has.',
})

export const enable = declare({
  name: 'department.enable',
  input: OneDepartment,
  output: z.void(),
  action: 'department.manage',
  codes: [],
  rest: 'POST /departments/{departmentId}/enable',
  doc: 'Enables a department again.',
})

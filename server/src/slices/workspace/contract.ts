/** The operations on the workspace as a whole. */
import { z } from 'zod'
import { declare, declareQuery } from '@rejoin/shared/contract/declare.ts'
import { visibleName } from '@rejoin/shared/names.ts'
import { Id } from '@rejoin/shared/values.ts'
import { Zone } from '@rejoin/shared/zone.ts'

export const get = declareQuery({
  name: 'workspace.get',
  input: z.void(),
  output: z.object({
    name: z.string(),
    zone: z.string(),
    /** Where tickets go whose author names no department and is in none; null: to administrators only. */
    defaultDepartmentId: z.string().nullable(),
  }),
  action: 'signed-in',
  codes: [],
  rest: 'GET /workspace',
  doc: 'Returns the name of the workspace, its time zone, and the department for tickets without one.',
})

export const edit = declare({
  name: 'workspace.edit',
  /** An absent field stays as it is. */
  input: z.strictObject({
    name: visibleName(120).optional(),
    zone: Zone.optional(),
    defaultDepartmentId: Id.nullable().optional(),
  }),
  output: z.void(),
  action: 'workspace.edit',
  codes: ['department-disabled'],
  answer: 'workspace.get',
  rest: 'PATCH /workspace',
  doc: 'Changes the name of the workspace, its time zone, or the department for tickets without one.',
})

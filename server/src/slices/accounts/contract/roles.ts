/** The operations on custom roles. */
import { z } from 'zod'
import { Role } from '@rejoin/shared/access/access.ts'
import { GrantsInput, GrantsView } from '@rejoin/shared/access/custom-roles.ts'
import { declare, declareQuery } from '@rejoin/shared/contract/declare.ts'
import { isTwin, visibleName } from '@rejoin/shared/names.ts'
import { Id, Instant } from '@rejoin/shared/values.ts'
import { pageBy } from '../../../core/input/paging.ts'

/** `role`, or the id of a custom one. */
export const WantedRole = z
  .strictObject({ role: Role.optional(), customRoleId: Id.optional() })
  .refine(({ role, customRoleId }) => (role === undefined) !== (customRoleId === undefined), {
    path: ['role'],
    message: 'give either role or customRoleId',
  })

const RoleName = visibleName(60).refine(
  (typed) => !Role.options.some((role) => isTwin(role, typed)),
  'is the name of a built-in role',
)

export const list = declareQuery({
  name: 'accounts.roles.list',
  input: pageBy({ name: z.string() }).prefault({}),
  output: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      base: Role,
      grants: GrantsView,
      createdAt: Instant,
      /** How many people have it. */
      people: z.int(),
    }),
  ),
  action: 'role.manage',
  codes: [],
  rest: 'GET /roles',
  doc: 'The custom roles by name, each with the number of people who have it.',
})

export const create = declare({
  name: 'role.create',
  input: z.strictObject({ name: RoleName, base: Role, grants: GrantsInput }),
  output: z.object({ customRoleId: z.string() }),
  action: 'role.manage',
  codes: ['conflict'],
  rest: 'POST /roles',
  answer: 'accounts.roles.list',
  doc: 'Creates a custom role from a built-in one and the cells of the access table in which it differs.',
})

export const edit = declare({
  name: 'role.edit',
  /** Cells that are not named are those of the base role from now on. */
  input: z.strictObject({ customRoleId: Id, name: RoleName.optional(), grants: GrantsInput.optional() }),
  output: z.void(),
  action: 'role.manage',
  codes: ['conflict'],
  rest: 'PATCH /roles/{customRoleId}',
  answer: 'accounts.roles.list',
  doc: 'Changes the name or the cells of a custom role, and with them the rights of everybody who has it.',
})

export const remove = declare({
  name: 'role.remove',
  input: z.strictObject({ customRoleId: Id }),
  output: z.void(),
  action: 'role.manage',
  codes: ['conflict'],
  rest: 'DELETE /roles/{customRoleId}',
  answer: 'accounts.roles.list',
  doc: 'Removes a custom role that nobody has.',
})

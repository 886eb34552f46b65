/** The operations on people: their profile, their approval, their place, and lists of them as files. */
import { z } from 'zod'
import { Role } from '@rejoin/shared/access/access.ts'
import { declare, declareQuery } from '@rejoin/shared/contract/declare.ts'
import { Zone } from '@rejoin/shared/zone.ts'
import { Email } from '@rejoin/shared/email.ts'
import { Reason } from '@rejoin/shared/tickets/ticket.ts'
import { Id, Instant } from '@rejoin/shared/values.ts'
import { ByAge } from '../by-age.ts'
import { WithNote } from './accounts.ts'
import { Locale, Name, Organisation, Phone } from './fields.ts'

/** A field that is not here, such as a role or a status, is not the person's own to change. */
export const editProfile = declare({
  name: 'user.edit-profile',
  input: z.strictObject({
    name: Name.optional(),
    locale: Locale.nullish(),
    zone: Zone.nullish(),
    phone: Phone.nullish(),
  }),
  output: z.void(),
  action: 'signed-in',
  codes: [],
  rest: 'PATCH /me',
  answer: 'accounts.me',
  doc: 'Changes the author’s own name, language, time zone or telephone number.',
})

export const pending = declareQuery({
  name: 'accounts.pending',
  input: ByAge,
  output: z.array(
    z.object({
      id: z.string(),
      number: z.string(),
      name: z.string(),
      email: z.string(),
      role: Role,
      createdAt: Instant,
      /** Ids. */
      departments: z.array(z.string()).readonly(),
    }),
  ),
  action: 'user.list',
  tokens: false,
  codes: [],
  rest: 'GET /users/pending',
  doc: 'People who wait for the reader’s approval, the longest waiting first.',
})

export const approve = declare({
  name: 'user.approve',
  input: z.strictObject({ userId: Id }),
  output: WithNote,
  action: 'user.approve',
  codes: ['conflict'],
  rest: 'POST /users/{userId}/approve',
  doc: 'Lets a waiting person in. A supervisor of their department decides, or an administrator.',
})

export const reject = declare({
  name: 'user.reject',
  input: z.strictObject({ userId: Id, reason: Reason.optional() }),
  output: z.void(),
  action: 'user.approve',
  codes: ['conflict'],
  rest: 'POST /users/{userId}/reject',
  doc: 'Turns a waiting person away: their account stays, disabled, and they get the reason by email.',
})

export const setHead = declare({
  name: 'department.set-head',
  input: z.strictObject({ departmentId: Id, userId: Id, isHead: z.boolean() }),
  output: z.void(),
  action: 'user.set-rights',
  codes: ['conflict'],
  rest: 'PUT /departments/{departmentId}/heads/{userId}',
  doc: 'Makes a supervisor of a department its head, or an ordinary supervisor again. Heads decide about newcomers.',
})

export const correct = declare({
  name: 'user.correct',
  input: z
    .strictObject({ userId: Id, name: Name.optional(), email: Email.optional() })
    .refine(({ name, email }) => name !== undefined || email !== undefined, 'give a name, an email or both'),
  output: WithNote,
  action: 'user.correct',
  codes: ['conflict'],
  rest: 'PATCH /users/{userId}',
  doc: 'Corrects a person’s name or address. Links that were mailed to the former address stop working.',
})

export const setDepartments = declare({
  name: 'user.set-departments',
  input: z.strictObject({ userId: Id, departments: z.array(Id).max(50) }),
  output: z.void(),
  action: 'user.set-departments',
  codes: ['department-disabled'],
  rest: 'PUT /users/{userId}/departments',
  doc: 'Sets the departments of a person. A supervisor may move people below them among the departments they decide about.',
})

export const setOrganisation = declare({
  name: 'user.set-organisation',
  input: z.strictObject({ userId: Id, organisation: Organisation.nullable() }),
  output: z.void(),
  action: 'user.set-rights',
  codes: [],
  rest: 'PUT /users/{userId}/organisation',
  doc: 'Sets the organisation of a person, by which SLA policies choose; null takes it away.',
})

/** A line of an imported file. */
const ImportedLine = z.object({
  line: z.int(),
  outcome: z.enum(['added', 'there', 'left-out']),
  /** Why it was left out. */
  message: z.string().optional(),
})
export type ImportedLine = Readonly<z.output<typeof ImportedLine>>

export const importPeople = declare({
  name: 'user.import',
  input: z.strictObject({ csv: z.string().max(1_000_000) }),
  output: WithNote.extend({ lines: z.array(ImportedLine) }),
  action: 'user.create',
  codes: [],
  keeps: 'nothing',
  rest: 'POST /users/import',
  doc: 'Adds the people of a CSV file, at most 500 lines at once, and says for each line what became of it.',
})

export const exportPeople = declare({
  name: 'user.export',
  input: z.void(),
  /** CSV. */
  output: z.string(),
  action: 'user.export',
  codes: [],
  keeps: 'nothing',
  rest: 'POST /users/export',
  doc: 'Returns everybody as CSV, in the order in which they came. The audit log records the export.',
})

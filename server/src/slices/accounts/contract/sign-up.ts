/** The operations by which people register of their own accord. */
import { z } from 'zod'
import { declare, declareQuery } from '@rejoin/shared/contract/declare.ts'
import { asciiDomain, Email } from '@rejoin/shared/email.ts'
import { Id } from '@rejoin/shared/values.ts'
import { pageBy } from '../../../core/input/paging.ts'

const Domain = z
  .string()
  .trim()
  .transform((written, context) => {
    const domain = asciiDomain(written)
    if (domain !== null) return domain
    context.addIssue({ code: 'custom', message: 'is not a domain such as example.com' })
    return z.NEVER
  })

/** `domain`: people with an address at one of `domains`, exactly. */
export const RegistrationPolicy = z.discriminatedUnion('policy', [
  z.strictObject({ policy: z.literal('open') }),
  z.strictObject({ policy: z.literal('domain'), domains: z.array(Domain).min(1).max(100) }),
  z.strictObject({ policy: z.literal('closed') }),
])
export type RegistrationPolicy = z.output<typeof RegistrationPolicy>

const Departments = z.object({ departments: z.array(z.object({ id: z.string(), name: z.string() })) })

export const registrationForm = declareQuery({
  name: 'accounts.registrationForm',
  input: pageBy({ name: z.string() }).prefault({}),
  output: z.discriminatedUnion('policy', [
    Departments.extend({ policy: z.literal('open') }),
    Departments.extend({ policy: z.literal('domain'), domains: z.array(z.string()) }),
    Departments.extend({ policy: z.literal('closed') }),
  ]),
  action: 'public',
  codes: [],
  rest: 'GET /registration-form',
  doc: 'The policy for registering and, unless nobody may register, the departments to choose from.',
})

export const setRegistration = declare({
  name: 'registration.set-policy',
  input: RegistrationPolicy,
  output: z.void(),
  action: 'registration.set-policy',
  codes: [],
  rest: 'PUT /registration-policy',
  answer: 'accounts.registrationForm',
  doc: 'Sets who may register: everybody, people with an address at some domains, or nobody.',
})

export const register = declare({
  name: 'registration.ask',
  input: z.strictObject({
    email: Email,
    role: z.enum(['requester', 'agent', 'supervisor']).default('requester'),
    /** In which somebody who is not a requester wants to work. */
    departmentId: Id.optional(),
  }),
  output: z.void(),
  action: 'public',
  codes: ['forbidden', 'not-found', 'department-disabled'],
  guard: 'registration',
  rest: 'POST /registrations',
  doc: 'Asks to sign up. The answer is the same whether or not the address has an account; a link goes there by email.',
})

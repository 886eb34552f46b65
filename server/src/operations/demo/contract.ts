/** The command that fills an empty workspace. */
import { z } from 'zod'
import { declare } from '@rejoin/shared/contract/declare.ts'

export const fill = declare({
  name: 'demo.fill',
  input: z.strictObject({}).default({}),
  output: z.object({
    /** The password of all the people. */
    password: z.string(),
    /** Their email addresses. */
    people: z.array(z.string()),
    tickets: z.int(),
  }),
  action: 'workspace.fill',
  codes: ['conflict'],
  keeps: 'nothing',
  rest: null,
  doc: 'Fills an empty workspace with example people and tickets, and returns the password that the people share.',
})

/** The query of the audit log. */
import { z } from 'zod'
import { declareQuery } from '@rejoin/shared/contract/declare.ts'
import { Instant } from '@rejoin/shared/values.ts'

const Name = z.string().min(1).max(100)

export const list = declareQuery({
  name: 'audit.list',
  input: z
    .strictObject({
      type: Name.optional(),
      actorId: Name.optional(),
      subject: Name.optional(),
      subjectId: Name.optional(),
      address: Name.optional(),
      /** Epoch ms; `to` itself is not included. */
      from: z.int().optional(),
      to: z.int().optional(),
      /** The `next` of the page before. */
      before: z.int().positive().optional(),
      limit: z.int().min(1).max(200).default(50),
    })
    .prefault({}),
  output: z.object({
    entries: z.array(
      z.object({
        number: z.int(),
        at: Instant,
        type: z.string(),
        actorId: z.string(),
        subject: z.string(),
        subjectId: z.string(),
        deviceId: z.string().nullable(),
        sessionId: z.string().nullable(),
        address: z.string().nullable(),
        userAgent: z.string().nullable(),
        payload: z.record(z.string(), z.unknown()),
        /** SHA-256 over the row and the hash before it, in hex. */
        hash: z.string(),
      }),
    ),
    /** Null on the last page. */
    next: z.int().nullable(),
  }),
  action: 'audit.read',
  codes: [],
  rest: 'GET /audit-entries',
  doc: 'Lists the entries of the audit log by filter, the newest first. `next` leads to the page after it.',
})

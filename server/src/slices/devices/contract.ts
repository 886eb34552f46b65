/** The operations on devices. */
import { z } from 'zod'
import { declare, declareQuery } from '@rejoin/shared/contract/declare.ts'
import { visibleName } from '@rejoin/shared/names.ts'
import { Id, Instant } from '@rejoin/shared/values.ts'
import { pageBy } from '../../core/input/paging.ts'

const OneDevice = z.strictObject({ deviceId: Id })

export const list = declareQuery({
  name: 'devices.list',
  /** Those of somebody; the ones behind the last of a page, by when they were heard of, and id. */
  input: pageBy({ lastSeenAt: z.number(), id: z.string() }).extend({ userId: z.string().optional() }).prefault({}),
  output: z.array(
    z.object({
      id: z.string(),
      /** Null until somebody has named it. */
      name: z.string().nullable(),
      person: z.object({ id: z.string(), name: z.string() }),
      enrolledAt: Instant,
      lastSeenAt: Instant,
      /** When its oldest queued command was made, by its clock corrected for skew; null where none waited. */
      oldestPendingAt: z.int().nullable(),
      /** Server time minus its clock. */
      skewMs: z.number(),
      /** How many changes of the workspace were committed after the position that it then had. */
      behind: z.int(),
      /** The incarnation of its store, and its id in the incarnation before. */
      incarnation: z.int(),
      formerId: z.string().nullable(),
      revokedAt: Instant.nullable(),
    }),
  ),
  action: 'device.manage',
  codes: [],
  rest: 'GET /devices',
  doc: 'Lists the devices of a person, or of everybody for administrators, by their last contact.',
})

export const rename = declare({
  name: 'device.rename',
  input: OneDevice.extend({ name: visibleName(80) }),
  output: z.void(),
  action: 'device.manage',
  codes: [],
  rest: 'PATCH /devices/{deviceId}',
  doc: 'Gives a device another name.',
})

export const revoke = declare({
  name: 'device.revoke',
  input: OneDevice,
  output: z.void(),
  action: 'device.manage',
  codes: [],
  rest: 'POST /devices/{deviceId}/revoke',
  doc: 'Revokes a lost device for good: the device erases its data at its next contact.',
})

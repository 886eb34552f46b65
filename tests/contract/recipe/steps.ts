/**
 * The steps of CONTRIBUTING.md for an example command of devices (`ticket.pin`) and one of the office (`device.ring`), as
 * changes of sources that are made in memory only.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '../../..')

/** A file, and its content after the step, made of the one before: empty where there is no such file. */
export interface Step {
  readonly file: string
  readonly change: (source: string) => string
}

const LISTED: Step['change'] = (source) =>
  `import { pinTicket } from './commands/pin.ts'\n${source.replace('  edit: editTicket,', '  edit: editTicket,\n  pin: pinTicket,')}`

export const DEVICE_COMMAND = {
  'its declaration': {
    file: 'shared/src/tickets/commands/pin.ts',
    change: () => `import { z } from 'zod'
import { ADDS } from '../../contract/on-device.ts'
import { declare, OnTicket } from './on-ticket.ts'

export const pinTicket = declare({
  name: 'ticket.pin',
  input: OnTicket,
  output: z.void(),
  action: 'ticket.edit',
  codes: [],
  buildsOn: ADDS,
  predict: () => ({ site: 'Pinned' }),
  rest: 'POST /tickets/{ticketId}/pin',
  doc: 'Pins a ticket.',
})
`,
  },
  'its line in the list of the noun': { file: 'shared/src/tickets/commands.ts', change: LISTED },
  'its implementation': {
    file: 'server/src/slices/tickets/commands/pin.ts',
    change: () => `import * as declared from '@rejoin/shared/tickets/commands/pin.ts'
import { implement } from '../../../core/api/implement.ts'
import { must } from '../authorize.ts'
import { getTicket, updateTicket } from '../rows.ts'
import { stampField } from '../stamps.ts'

export const pinTicket = implement(declared.pinTicket, async (context, { ticketId }) => {
  const ticket = getTicket(context.tx, ticketId)
  await must(context, 'ticket.edit', ticket)
  stampField(context, ticketId, 'site')
  updateTicket(context, ticketId, { site: 'Pinned' })
  const payload = { from: { site: ticket.site }, to: { site: 'Pinned' } }
  await context.event({ subject: 'ticket', subjectId: ticketId, type: 'ticket-edited', payload })
})
`,
  },
  'its line in the list of the slice': { file: 'server/src/slices/tickets/commands.ts', change: LISTED },
} as const satisfies Readonly<Record<string, Step>>

export const OFFICE_COMMAND = {
  'its declaration': {
    file: 'server/src/slices/devices/contract.ts',
    change: (source) => `${source}
export const ring = declare({
  name: 'device.ring',
  input: z.strictObject({ deviceId: Id }),
  output: z.void(),
  action: 'device.manage',
  codes: [],
  rest: 'POST /devices/{deviceId}/ring',
  doc: 'Rings a device.',
})
`,
  },
  'its implementation': {
    file: 'server/src/slices/devices/commands.ts',
    change: (source) => `${source}
export const ringDevice = implement(contract.ring, async ({ tx, actor }, { deviceId }) => {
  await getOwnDevice(tx, actor, deviceId)
})
`,
  },
  'its line in the router': {
    file: 'server/src/slices/devices/router.ts',
    change: (source) =>
      `import { ringDevice } from './commands.ts'\n${source.replace('proceduresOf({', 'proceduresOf({\n    ring: ringDevice,')}`,
  },
} as const satisfies Readonly<Record<string, Step>>

/** The sources that differ after all steps but those left out, by their paths. Null where there is no such file then. */
export function sourcesWithout(...left: readonly (Step | undefined)[]): ReadonlyMap<string, string | null> {
  const steps: readonly Step[] = [...Object.values(DEVICE_COMMAND), ...Object.values(OFFICE_COMMAND)]
  return new Map(
    steps.map((step) => {
      const path = join(ROOT, step.file)
      const source = existsSync(path) ? readFileSync(path, 'utf8') : null
      return [path, left.includes(step) ? source : step.change(source ?? '')]
    }),
  )
}

/** The calls of `sla`, for the table about no particular ticket. */
import { v7 } from 'uuid'
import { ALWAYS_OPEN } from '@rejoin/shared/sla/calendar.ts'
import { DEFAULT_POLICY } from '@rejoin/server/slices/sla/engine/terms.ts'
import type { Stage } from './stage.ts'

const calendarId = 'always'
const policyId = 'default'
const ics = [
  'BEGIN:VCALENDAR',
  'VERSION:2.0',
  'BEGIN:VEVENT',
  'UID:1',
  'DTSTART;VALUE=DATE:20270101',
  'SUMMARY:New Year',
  'END:VEVENT',
  'END:VCALENDAR',
].join('\r\n')

export const SLA_CALLS = {
  'see SLA calendars': { procedure: 'sla.calendars.list' },
  'see an SLA calendar': { procedure: 'sla.calendars.get', input: () => ({ calendarId }) },
  'make an SLA calendar': { procedure: 'sla.calendars.create', input: () => ({ name: v7(), value: ALWAYS_OPEN }) },
  'edit an SLA calendar': { procedure: 'sla.calendars.edit', input: () => ({ calendarId, value: ALWAYS_OPEN }) },
  'import holidays': { procedure: 'sla.calendars.importHolidays', input: () => ({ calendarId, ics }) },
  'remove an SLA calendar': {
    procedure: 'sla.calendars.remove',
    input: async ({ world }: Stage) => {
      const { api } = await world.desk()
      const { output } = await api.sla.calendars.create.mutate({ name: v7(), value: ALWAYS_OPEN })
      return { calendarId: output.calendarId }
    },
  },
  'see SLA policies': { procedure: 'sla.policies.list' },
  'see an SLA policy': { procedure: 'sla.policies.get', input: () => ({ policyId }) },
  'make an SLA policy': {
    procedure: 'sla.policies.create',
    input: () => ({ value: { ...DEFAULT_POLICY, name: v7(), rules: [] } }),
  },
  'edit an SLA policy': { procedure: 'sla.policies.edit', input: () => ({ policyId, value: DEFAULT_POLICY }) },
  'enable an SLA policy': { procedure: 'sla.policies.enable', input: () => ({ policyId, isEnabled: true }) },
  'remove an SLA policy': {
    procedure: 'sla.policies.remove',
    input: async ({ world }: Stage) => {
      const { api } = await world.desk()
      const value = { ...DEFAULT_POLICY, name: v7(), rules: [] }
      return { policyId: (await api.sla.policies.create.mutate({ value })).output.policyId }
    },
  },
  'order SLA policies': {
    procedure: 'sla.policies.order',
    input: async ({ world }: Stage) => {
      const { api } = await world.desk()
      return { policyIds: (await api.sla.policies.list.query()).map(({ id }) => id) }
    },
  },
  'see why the clocks of a ticket say what they say': { procedure: 'sla.explain', input: elsewhere },
  'see which clocks are due': { procedure: 'sla.check' },
  'see SLA figures': { procedure: 'sla.metrics', input: () => ({ from: 0, until: 1 }) },
  'see what SLA clocks are measured by': { procedure: 'sla.config' },
  'take note of the clock of another': { procedure: 'sla.acknowledge', input: aClock },
  'excuse the clock of another': {
    procedure: 'sla.excuse',
    input: async (stage: Stage) => ({ ...(await aClock(stage)), reason: 'A fire drill' }),
    beyondRights: 'conflict',
  },
  'preview an SLA policy': { procedure: 'sla.policies.preview', input: () => ({}) },
} as const

async function elsewhere({ world, away }: Stage) {
  const { id } = await world.ticket({ departmentId: away })
  return { ticketId: id }
}

async function aClock(stage: Stage) {
  const { api } = await stage.world.desk()
  const { clocks } = await api.sla.check.query(await elsewhere(stage))
  return { clockId: clocks[0]?.clockId ?? '' }
}

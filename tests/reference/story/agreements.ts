/** Service levels: calendars and policies, as an administrator keeps them. */
import type { Scene } from './scene.ts'

const WEEK = { mon: [['08:00', '17:00']], tue: [['08:00', '17:00']], fri: [['08:00', '15:00']] } satisfies Record<
  string,
  [string, string][]
>
const HOURS = { zone: 'Europe/Zurich', weekly: WEEK }

const HOLIDAYS = [
  'BEGIN:VCALENDAR',
  'VERSION:2.0',
  'BEGIN:VEVENT',
  'UID:1',
  'DTSTART;VALUE=DATE:20270101',
  'SUMMARY:New Year',
  'END:VEVENT',
  'END:VCALENDAR',
].join('\r\n')

export async function calendars({ olga }: Scene): Promise<string> {
  const { calendars: calendar } = olga.sla
  const { output } = await calendar.create.mutate({ name: 'Office', value: HOURS })
  const { calendarId } = output
  const closures = [{ firstDay: '12-24', lastDay: '12-26', name: 'Christmas' }]
  await calendar.edit.mutate({ calendarId, name: 'Office hours', value: { ...HOURS, closures } })
  await calendar.importHolidays.mutate({ calendarId, ics: HOLIDAYS })
  await calendar.get.query({ calendarId })
  await calendar.list.query()
  const spare = await calendar.create.mutate({ name: 'Spare', value: HOURS })
  await calendar.remove.mutate({ calendarId: spare.output.calendarId })
  return calendarId
}

export async function policies({ olga }: Scene, calendarId: string): Promise<void> {
  const { policies: policy } = olga.sla
  const targets = { first_response: { urgent: 60, high: 120 }, resolution: { urgent: 240, high: 480 } }
  const value = { name: 'Important', rules: [{ priority: ['urgent' as const, 'high' as const] }], targets, calendarId }
  const { output } = await policy.create.mutate({ value })
  const { policyId } = output
  await policy.edit.mutate({ policyId, value: { ...value, maxBackdateHours: 24 }, applyTo: 'open' })
  await policy.get.query({ policyId })
  const spare = await policy.create.mutate({ value: { ...value, name: 'Spare' } })
  await policy.order.mutate({ policyIds: [policyId, spare.output.policyId, 'default'] })
  await policy.remove.mutate({ policyId: spare.output.policyId })
  await policy.list.query()
  await policy.enable.mutate({ policyId, isEnabled: false })
  await olga.sla.config.query()
}

/** Policies and calendars of one's own: which one decides, its effect on open tickets when changed, and refusals. */
import { expect, it } from 'vitest'
import type { Metric } from '@rejoin/shared/sla/metric.ts'
import { DEFAULT_POLICY } from '@rejoin/server/slices/sla/engine/terms.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, type World } from '../harness/world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const hours = [['09:00', '17:00']] satisfies [string, string][]
const OFFICE_HOURS = {
  zone: 'Europe/Berlin',
  weekly: { mon: hours, tue: hours, wed: hours, thu: hours, fri: hours },
}

async function administered(world: World) {
  const { api } = await world.desk()
  const { output: calendar } = await api.sla.calendars.create.mutate({ name: 'Office', value: OFFICE_HOURS })
  const { calendarId } = calendar
  const policy = (fields: object = {}) => ({ ...DEFAULT_POLICY, name: 'Office', calendarId, ...fields })
  const clock = async (ticketId: string, metric: Metric) =>
    (await api.tickets.get.query({ ticketId })).clocks.find((each) => each.metric === metric)
  return { api, calendarId, policy, clock }
}

/** Thursday 2026-01-15 15:00 in Berlin; `atThursday` moves to the next such hour. */
const THURSDAY = Date.parse('2026-01-15T14:00:00Z')

async function atThursday(world: World): Promise<void> {
  const week = 7 * 24 * HOUR
  const ahead = (((THURSDAY - world.clock.now()) % week) + week) % week
  await world.advance(ahead)
}

it('gives a ticket the first policy that matches, and counts only its working hours', async () => {
  await using world = await startWorld()
  const { api, policy, clock } = await administered(world)
  const printers = { rules: [{ tags: ['printer'] }], targets: { resolution: { medium: 300 } } }
  await api.sla.policies.create.mutate({ value: policy(printers) })
  await atThursday(world)
  const startedAt = world.clock.now()
  const { id } = await world.ticket({ tags: ['printer'] })
  // Two hours of Thursday and three of Friday.
  expect(await clock(id, 'resolution')).toMatchObject({ dueAt: startedAt + 21 * HOUR })
  expect(await clock(id, 'first_response')).toBeUndefined()
  const other = await world.ticket()
  expect(await clock(other.id, 'resolution')).toMatchObject({ dueAt: startedAt + 24 * HOUR })
})

it('follows a ticket to another policy, from its start and with its pauses', async () => {
  await using world = await startWorld()
  const { api, policy, clock } = await administered(world)
  const fast = policy({ calendarId: 'always', rules: [{ tags: ['vip'] }], targets: { resolution: { medium: 120 } } })
  await api.sla.policies.create.mutate({ value: fast })
  const startedAt = world.clock.now()
  const { id: ticketId } = await world.ticket()
  await world.advance(HOUR)
  await api.tickets.tag.mutate({ ticketId, tag: 'vip' })
  expect(await clock(ticketId, 'resolution')).toMatchObject({ dueAt: startedAt + 2 * HOUR })
  expect(await clock(ticketId, 'first_response')).toMatchObject({ state: 'cancelled' })
})

it.each([
  ['category', { category: ['Printers'] }, { category: 'Printers' }, { category: 'Phones' }],
  ['type', { type: ['problem'] }, { type: 'problem' }, { type: 'question' }],
  ['priority', { priority: ['urgent'] }, { priority: 'urgent' }, { priority: 'medium' }],
  [
    'custom field',
    { custom: { contract: ['gold'] } },
    { custom: { contract: 'gold' } },
    { custom: { contract: null } },
  ],
] as const)('follows a ticket into a policy and out again as its %s changes', async (_, rule, match, other) => {
  await using world = await startWorld()
  const { api, policy, clock } = await administered(world)
  const targets = { resolution: { medium: 120, urgent: 120 } }
  await api.sla.policies.create.mutate({ value: policy({ calendarId: 'always', rules: [rule], targets }) })
  const startedAt = world.clock.now()
  const { id: ticketId } = await world.ticket()
  for (const set of [match, other, match]) {
    await world.advance(MINUTE)
    await api.tickets.edit.mutate({ ticketId, set })
    const dueAt = startedAt + (set === match ? 2 : 24) * HOUR
    expect(await clock(ticketId, 'resolution')).toMatchObject({ dueAt })
  }
})

it.each(['tag', 'department'])('follows a ticket into a policy and out again as its %s changes', async (fact) => {
  await using world = await startWorld()
  const { api, policy, clock } = await administered(world)
  const [support, depot] = [await world.department('support'), await world.department('depot')]
  const rules = [fact === 'tag' ? { tags: ['vip'] } : { departmentId: [depot] }]
  const targets = { resolution: { medium: 120 } }
  await api.sla.policies.create.mutate({ value: policy({ calendarId: 'always', rules, targets }) })
  const startedAt = world.clock.now()
  const { id: ticketId } = await world.ticket({ departmentId: support })
  const enter = () =>
    fact === 'tag'
      ? api.tickets.tag.mutate({ ticketId, tag: 'vip' })
      : api.tickets.move.mutate({ ticketId, departmentId: depot })
  const leave = () =>
    fact === 'tag'
      ? api.tickets.untag.mutate({ ticketId, tag: 'vip' })
      : api.tickets.move.mutate({ ticketId, departmentId: support })
  await enter()
  expect(await clock(ticketId, 'resolution')).toMatchObject({ dueAt: startedAt + 2 * HOUR })
  await leave()
  expect(await clock(ticketId, 'resolution')).toMatchObject({ dueAt: startedAt + 24 * HOUR })
})

it('leaves open tickets as they are where a change is for new ones', async () => {
  await using world = await startWorld()
  const { api, clock } = await administered(world)
  const startedAt = world.clock.now()
  const { id: ticketId } = await world.ticket()
  const value = { ...DEFAULT_POLICY, targets: { resolution: { ...DEFAULT_POLICY.targets.resolution, medium: 60 } } }
  await api.sla.policies.edit.mutate({ policyId: 'default', value })
  await world.advance(MINUTE)
  await api.tickets.edit.mutate({ ticketId, set: { category: 'Printers' } })
  expect(await clock(ticketId, 'resolution')).toMatchObject({ dueAt: startedAt + 24 * HOUR })
  const { id: next } = await world.ticket()
  expect(await clock(next, 'resolution')).toMatchObject({ dueAt: world.clock.now() + HOUR })
})

it('says before what a change does to open tickets, and does it where asked', async () => {
  await using world = await startWorld()
  const { api, clock } = await administered(world)
  const startedAt = world.clock.now()
  const { id: ticketId } = await world.ticket()
  await world.advance(2 * HOUR)
  const value = { ...DEFAULT_POLICY, targets: { resolution: { medium: 60 } } }
  const preview = await api.sla.policies.preview.query({ policy: { policyId: 'default', value } })
  expect(preview).toMatchObject({
    openTickets: 1,
    isComplete: true,
    ticketsAffected: 1,
    clocks: { 'newly-overdue': 1, cancelled: 1, earlier: 0 },
  })
  expect(await clock(ticketId, 'resolution')).toMatchObject({ dueAt: startedAt + 24 * HOUR })
  const changedAt = world.clock.now()
  await api.sla.policies.edit.mutate({ policyId: 'default', value, applyTo: 'open' })
  await world.advance(MINUTE)
  await world.advance(MINUTE)
  expect(await clock(ticketId, 'resolution')).toMatchObject({ dueAt: startedAt + HOUR, breachedAt: changedAt })
  expect(await clock(ticketId, 'first_response')).toMatchObject({ state: 'cancelled' })
})

it('refuses a calendar without working time, and names what is wrong with one', async () => {
  await using world = await startWorld()
  const { api } = await administered(world)
  const create = (value: object) => api.sla.calendars.create.mutate({ name: 'Never', value: value as never })
  await expect(create({ zone: 'UTC', weekly: {} })).rejects.toThrow(/no working time in the next 366 days/)
  await expect(create({ ...OFFICE_HOURS, zone: 'Europe/Atlantis' })).rejects.toThrow(/zone: must be a time zone/)
  await expect(create({ zone: 'UTC', weekly: { mon: [['17:00', '09:00']] } })).rejects.toThrow(
    /must end after it starts/,
  )
  await expect(api.sla.calendars.create.mutate({ name: 'office', value: OFFICE_HOURS })).rejects.toThrow(/already/)
})

it('takes holidays from an iCalendar file, and names the line of a bad one', async () => {
  await using world = await startWorld()
  const { api, calendarId } = await administered(world)
  const event = (...lines: string[]) => ['BEGIN:VEVENT', 'UID:1', ...lines, 'END:VEVENT']
  const file = (...lines: string[]) => ['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR'].join('\r\n')
  const ics = file(
    ...event('DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261227', 'SUMMARY:Christmas'),
    ...event('DTSTART;VALUE=DATE:20200501', 'RRULE:FREQ=YEARLY', 'SUMMARY:Labour Day'),
    ...event('DTSTART:20261231T120000Z', 'DTEND:20261231T180000Z', 'SUMMARY:Party'),
  )
  const { output } = await api.sla.calendars.importHolidays.mutate({ calendarId, ics })
  expect(output).toMatchObject({
    added: 4,
    skipped: [{ line: 15, reason: 'Party: The event is not a whole-day event.' }],
  })
  const { value, number } = await api.sla.calendars.get.query({ calendarId })
  expect(number).toBe(2)
  expect(value.closures).toMatchObject([
    { date: '2026-12-24', name: 'Christmas' },
    { date: '2026-12-25' },
    { date: '2026-12-26' },
    { firstDay: '05-01', lastDay: '05-01', name: 'Labour Day' },
  ])
  const again = await api.sla.calendars.importHolidays.mutate({ calendarId, ics })
  expect(again.output).toMatchObject({ added: 0 })
  const bad = file(...event('DTSTART;VALUE=DATE:20261224', 'nonsense'))
  await expect(api.sla.calendars.importHolidays.mutate({ calendarId, ics: bad })).rejects.toThrow(/ics: line 6: /)
  await expect(api.sla.calendars.importHolidays.mutate({ calendarId, ics: 'no calendar' })).rejects.toThrow(
    /ics: line 1/,
  )
})

it('refuses the name of a closure or an opening that has a character nobody sees, and says which', async () => {
  await using world = await startWorld()
  const { api, calendarId } = await administered(world)
  const closures = [{ date: '2026-12-24' }, { date: '2026-12-25', name: 'a\u202Eb' }] as never
  const openings = [{ date: '2026-12-24', hours: hours[0], name: 'a\0b' }] as never
  for (const [fields, says] of [
    [{ closures }, 'value.closures.1.name: has a character that nobody sees (U+202E)'],
    [{ openings }, 'value.openings.0.name: has a character that nobody sees (U+0000)'],
  ] as const) {
    const value = { ...OFFICE_HOURS, ...fields }
    await expect(api.sla.calendars.create.mutate({ name: 'Other', value })).rejects.toThrow(says)
    await expect(api.sla.calendars.edit.mutate({ calendarId, value })).rejects.toThrow(says)
  }
})

it('refuses a policy that names a department or a person who is not there, or hands tickets to a disabled one', async () => {
  await using world = await startWorld()
  const { api, policy } = await administered(world)
  await world.department('support')
  const closed = await world.department('closed')
  await api.departments.disable.mutate({ departmentId: closed })
  const gone = '0199b0a0-0000-7000-8000-000000000000'
  const level = (fields: object) => ({ levels: [{ percent: 50, notify: [], ...fields }] })
  const refused: [fields: object, code: string][] = [
    [level({ reassign: { departmentId: 'nope' } }), 'not-found'],
    [level({ reassign: { departmentId: closed } }), 'department-disabled'],
    [level({ reassign: { userId: gone } }), 'not-found'],
    [level({ notify: [{ userId: gone }] }), 'not-found'],
    [{ rules: [{ departmentId: [closed, 'nope'] }] }, 'not-found'],
  ]
  for (const [fields, code] of refused) {
    expect(await codeOf(api.sla.policies.create.mutate({ value: policy(fields) }))).toBe(code)
    expect(await codeOf(api.sla.policies.edit.mutate({ policyId: 'default', value: policy(fields) }))).toBe(code)
  }
  // Its tickets are still worked on.
  await api.sla.policies.create.mutate({ value: policy({ rules: [{ departmentId: [closed] }] }) })
})

it('keeps the order of policies, and every change in the audit log', async () => {
  await using world = await startWorld()
  const { api, policy } = await administered(world)
  const { output } = await api.sla.policies.create.mutate({ value: policy() })
  const order = async () => (await api.sla.policies.list.query()).map(({ id }) => id)
  expect(await order()).toEqual([output.policyId, 'default'])
  await expect(api.sla.policies.order.mutate({ policyIds: ['default'] })).rejects.toThrow(
    /list every policy exactly once/,
  )
  await api.sla.policies.order.mutate({ policyIds: ['default', output.policyId] })
  expect(await order()).toEqual(['default', output.policyId])
  await api.sla.policies.enable.mutate({ policyId: 'default', isEnabled: false })
  const rows = await world.app.read
    .selectFrom('audit')
    .select('type')
    .where('type', 'like', 'sla-%')
    .orderBy('number')
    .execute()
  expect(rows.map(({ type }) => type)).toEqual([
    'sla-calendar-created',
    'sla-policy-created',
    'sla-policies-ordered',
    'sla-policy-disabled',
  ])
})

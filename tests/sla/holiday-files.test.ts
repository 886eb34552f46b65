/** iCalendar files from elsewhere: what they may cost, and that a rule means the same from wherever it is walked. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { holidaysOf } from '@rejoin/server/slices/sla/calendars/holidays.ts'
import { LeaveOut } from '@rejoin/server/slices/sla/calendars/leave-out.ts'
import { ALWAYS_OPEN, Calendar, MAX_CLOSURES } from '@rejoin/shared/sla/calendar.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { DEFAULT_POLICY } from '@rejoin/server/slices/sla/engine/terms.ts'
import { randomFrom, type Random } from '../harness/random.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld } from '../harness/world.ts'
import { slowDays, textOf, type SlowRule } from './oracle/recurring.ts'

const event = (...lines: string[]) => ['BEGIN:VEVENT', 'SUMMARY:Holiday', ...lines, 'END:VEVENT']
const file = (...lines: string[]) => ['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR'].join('\r\n')
const since1970 = (rule: string) => event('DTSTART;VALUE=DATE:19700101', `RRULE:${rule}`)

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri'].map((day) => [day, [['09:00', '17:00']]])
const OFFICE = { zone: 'Europe/Berlin', weekly: Object.fromEntries(weekdays) }

async function importer() {
  const world = await startWorld()
  const { api } = await world.desk()
  const { output } = await api.sla.calendars.create.mutate({ name: 'Office', value: ALWAYS_OPEN })
  const { calendarId } = output
  return {
    calendarId,
    importFile: (
      ics: string,
      options: { dryRun?: boolean; leaveOut?: { uids?: string[]; dates?: string[]; categories?: string[] } } = {},
    ) => api.sla.calendars.importHolidays.mutate({ calendarId, ics, ...options }),
    edit: (value: unknown) => api.sla.calendars.edit.mutate({ calendarId, value: Calendar.parse(value) }),
    closures: async () => (await api.sla.calendars.get.query({ calendarId })).value.closures,
    world,
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  }
}

it('refuses a file with a day that no year has after two seconds, during which others work', async () => {
  await using office = await importer()
  const ann = await office.world.person('ann', 'supervisor')
  const ticket = { ticketId: v7(), title: 'Printer', departmentId: await office.world.department('support') }
  let isRefused = false
  const endless = file(...since1970('FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'))
  const refused = office.importFile(endless).catch((error: unknown) => {
    isRefused = true
    return error
  })
  await ann.api.tickets.create.mutate(ticket)
  expect(isRefused).toBe(false)
  expect(await refused).toMatchObject({
    data: { code: 'too-large', hint: expect.stringContaining('Nothing was changed') },
    message: 'ics: computing it takes longer than 2 s.',
  })
  expect(await office.closures()).toEqual([])
})

it.each([
  { what: 'as one event', events: 1, rule: 'FREQ=DAILY', line: 3 },
  { what: 'as fifty events by weeks', events: 50, rule: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', line: 8 },
])('refuses more days than a calendar holds, $what, and names the line', async ({ events, rule, line }) => {
  await using office = await importer()
  const call = office.importFile(file(...Array.from({ length: events }, () => since1970(rule)).flat()))
  await expect(call).rejects.toThrow(`ics: line ${line}: with this event the file closes more than 2000 days.`)
  expect(await codeOf(call)).toBe('too-large')
})

it('says how many closures the calendar would have, and takes as many as it holds', async () => {
  await using office = await importer()
  const days = (from: number, count: number) =>
    event('DTSTART:19000101', `RDATE:${Array.from({ length: count }, (_, day) => icsDate(from + day)).join(',')}`)
  await office.importFile(file(...days(0, 1999)))
  expect(await office.closures()).toHaveLength(2000)
  const message = 'ics: the calendar would have 2002 closures; the limit is 2000.'
  await expect(office.importFile(file(...days(5000, 2)))).rejects.toThrow(message)
  const tooLong = office.importFile(file('X-NOTE:'.padEnd(1_000_001, 'x')))
  await expect(tooLong).rejects.toThrow(/ics: the file has 10000\d\d characters; the limit is 1000000/)
  expect(await codeOf(tooLong)).toBe('too-large')
})

function icsDate(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '')
}

/** What may stand in a file, and mean something or nothing. */
const PIECES =
  `FREQ=YEARLY FREQ=DAILY FREQ=MONTHLY BYMONTH=13 BYDAY=9MO BYWEEKNO=1 BYMONTHDAY=-31 INTERVAL=0 COUNT=5 UNTIL=x
  20260101 20261301 00000000 99991231 20270231 20260101T000000 20260101T093000Z x P1D -P1D P9999D PT1H CANCELLED :`.split(
    /\s+/,
  )
const NAMES =
  `DTSTART DTSTART;VALUE=DATE DTSTART;TZID=Mars/Olympus DTEND DURATION RRULE EXDATE RDATE RDATE;VALUE=PERIOD RECURRENCE-ID
  RECURRENCE-ID;RANGE=THISANDFUTURE STATUS UID SEQUENCE SUMMARY CATEGORIES BEGIN END`.split(/\s+/)

it('takes or refuses any file, and what it takes fits a calendar', () => {
  for (let seed = 0; seed < 2000; seed++) {
    const { below, pick } = randomFrom(seed)
    const line = () =>
      `${pick(NAMES)}:${Array.from({ length: 1 + below(2) }, () => pick(PIECES)).join(pick([';', ',']))}`
    const some = () => event('UID:a', 'DTSTART:20260101', ...Array.from({ length: below(4) }, line))
    expect(failureOf(file(...some(), ...some())), `seed ${seed}`).toBeNull()
  }
})

/** Null for an answer that a calendar takes, or a refusal. */
function failureOf(ics: string): unknown {
  try {
    const { holidays } = holidaysOf(ics, Date.UTC(2026, 4, 4), LeaveOut.parse({}))
    Calendar.parse({ ...ALWAYS_OPEN, closures: holidays.map(({ closure }) => closure) })
    return null
  } catch (error) {
    return error instanceof Refusal && ['invalid', 'too-large'].includes(error.code) ? null : error
  }
}

it('takes an event without a name', async () => {
  await using office = await importer()
  await office.importFile(file('BEGIN:VEVENT', 'DTSTART;VALUE=DATE:20261224', 'END:VEVENT'))
  expect(await office.closures()).toEqual([{ date: '2026-12-24', hours: ['00:00', '24:00'] }])
})

const holiday = (uid: string, ...lines: string[]) => ['BEGIN:VEVENT', `UID:${uid}`, ...lines, 'END:VEVENT']
const MIXED = file(
  ...holiday('1', 'SUMMARY:Christmas', 'DTSTART:20261225', 'DESCRIPTION:Public holiday', 'TRANSP:TRANSPARENT'),
  ...holiday('2', 'SUMMARY:Clocks go back', 'DTSTART:20261025', 'CATEGORIES:Observance'),
  ...holiday('3', 'SUMMARY:Election', 'DTSTART:20261103', 'RRULE:FREQ=YEARLY;INTERVAL=4'),
)

it('says first what it would close, with what is needed to leave a day out, and writes nothing', async () => {
  await using office = await importer()
  const preview = await office.importFile(MIXED, { dryRun: true })
  expect(preview.output).toEqual({
    versionId: expect.any(String),
    closes: [
      { line: 3, uid: '1', name: 'Christmas', categories: ['Public holiday'], day: '2026-12-25', isNew: true },
      { line: 10, uid: '2', name: 'Clocks go back', categories: ['Observance'], day: '2026-10-25', isNew: true },
      { line: 16, uid: '3', name: 'Election', categories: [], day: '2026-11-03', isNew: true },
      { line: 16, uid: '3', name: 'Election', categories: [], day: '2030-11-03', isNew: true },
    ],
    added: 4,
    skipped: [],
    leftOut: 0,
    writtenOutUntil: '2031-12-31',
  })
  expect(await office.closures()).toEqual([])
  const { output } = await office.importFile(MIXED, { leaveOut: { categories: ['OBSERVANCE'], dates: ['2030-11-03'] } })
  expect(output).toMatchObject({
    added: 2,
    skipped: [{ line: 10, reason: 'Clocks go back: Left out on request.' }],
  })
  expect(await office.closures()).toMatchObject([{ date: '2026-12-25' }, { date: '2026-11-03' }])
})

it('makes no version of the calendar for a file that closes nothing more, and closes the rest of a day that is half closed', async () => {
  await using office = await importer()
  const half = { date: '2026-12-25', hours: ['12:00', '24:00'] }
  const value = { ...ALWAYS_OPEN, closures: [half, { firstDay: '10-20', lastDay: '11-10' }] }
  await office.edit(value)
  const { output } = await office.importFile(MIXED, { leaveOut: { uids: ['3'] } })
  expect(output).toMatchObject({ added: 1, closes: [{ day: '2026-12-25', isNew: true }, { isNew: false }] })
  const again = await office.importFile(MIXED, { leaveOut: { uids: ['3'] } })
  expect(again.output).toMatchObject({ added: 0, versionId: output.versionId })
})

it('has a target over the exceptions of a file due to the minute', async () => {
  await using office = await importer()
  const { world } = office
  const { api } = await world.desk()
  await office.edit(OFFICE)
  const series = ['UID:s', 'DTSTART:20260227', 'RRULE:FREQ=WEEKLY;COUNT=4', 'EXDATE:20260306']
  const moved = ['BEGIN:VEVENT', 'UID:s', 'RECURRENCE-ID:20260313', 'DTSTART:20260312', 'END:VEVENT']
  const dropped = [
    'BEGIN:VEVENT',
    'UID:s',
    'RECURRENCE-ID:20260320',
    'STATUS:CANCELLED',
    'DTSTART:20260320',
    'END:VEVENT',
  ]
  await office.importFile(file('BEGIN:VEVENT', ...series, 'END:VEVENT', ...moved, ...dropped))
  const policy = { ...DEFAULT_POLICY, calendarId: office.calendarId, targets: { resolution: { medium: 8 * 60 } } }
  await api.sla.policies.edit.mutate({ policyId: 'default', value: policy })
  const dueAfter = async (at: string) => {
    await world.advance(Date.parse(at) - world.clock.now())
    const { id: ticketId } = await world.ticket({ priority: 'medium' })
    const { clocks } = await world.desk().then((desk) => desk.api.sla.check.query({ ticketId }))
    return clocks.map(({ dueAt }) => new Date(dueAt ?? 0).toISOString())
  }
  // Eight hours of 09:00 to 17:00 in Berlin, from 13:37 there.
  // Of Fridays one is excluded, one is on Thursday, one is cancelled.
  expect(await dueAfter('2026-03-05T12:37:00Z')).toEqual(['2026-03-06T12:37:00.000Z'])
  expect(await dueAfter('2026-03-11T12:37:00Z')).toEqual(['2026-03-13T12:37:00.000Z'])
  expect(await dueAfter('2026-03-19T12:37:00Z')).toEqual(['2026-03-20T12:37:00.000Z'])
})

it('asks for the right before it reads the file', async () => {
  await using office = await importer()
  const { api } = await office.world.person('ada', 'agent')
  const ics = file(...since1970('FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'))
  expect(await codeOf(api.sla.calendars.importHolidays.mutate({ calendarId: 'default', ics }))).toBe('forbidden')
})

const WINDOW = { from: '2025-01-01', until: '2031-12-31' }

function weekdaysOf({ below, pick }: Random, nths: readonly number[]) {
  const isCounted = nths.length > 1 && below(2) === 0
  const nth = () => (isCounted ? pick(nths.slice(1)) : 0)
  return Array.from({ length: 1 + below(3) }, () => ({ day: below(7), nth: nth() }))
}

function randomRule(random: Random): SlowRule {
  const { below, pick, next } = random
  const freq = pick(['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY', 'YEARLY'] as const)
  const some = <Item>(make: () => Item) => Array.from({ length: 1 + below(3) }, make)
  const months = next() < 0.4 ? { months: some(() => 1 + below(12)) } : {}
  const isOfDays = freq !== 'WEEKLY' && next() < 0.4
  const monthDays = isOfDays ? { monthDays: some(() => pick([1, 2, 15, 28, 29, 30, 31, -1, -2, -31])) } : {}
  const isOfYear = freq === 'YEARLY' && !isOfDays && months.months === undefined && next() < 0.3
  const yearDays = isOfYear ? { yearDays: some(() => pick([1, 59, 60, 61, 365, 366, -1, -306])) } : {}
  const ofMonth = freq === 'MONTHLY' || months.months !== undefined ? [0, 1, 2, 4, 5, -1, -5] : [0, 1, 20, 53, -1, -53]
  const nths = freq === 'DAILY' || freq === 'WEEKLY' || isOfDays || isOfYear ? [0] : ofMonth
  const weekdays = next() < 0.5 ? { weekdays: weekdaysOf(random, nths) } : {}
  return { freq, interval: pick([1, 1, 1, 2, 3]), ...months, ...monthDays, ...yearDays, ...weekdays }
}

it('writes out the days that a look at every day finds', () => {
  for (let seed = 0; seed < 250; seed++) {
    const random = randomFrom(seed)
    const rule = randomRule(random)
    const near = new Date(Date.UTC(2015) + random.below(12 * 365) * 86_400_000).toISOString().slice(0, 10)
    // RFC 5545 says what a rule means that begins on one of its days.
    const [start] = slowDays(rule, near, { from: near, until: WINDOW.until })
    if (start === undefined) continue
    const days = slowDays(rule, start, WINDOW)
    const except = days.filter(() => random.next() < 0.1)
    const exdate = except.length > 0 ? [`EXDATE:${except.join(',').replaceAll('-', '')}`] : []
    // So that no bare yearly rule stands for its days.
    const rdate = `RDATE:20321231`
    const ics = file(...event(`DTSTART:${start.replaceAll('-', '')}`, `RRULE:${textOf(rule)}`, ...exdate, rdate))
    const expected = days.filter((day) => !except.includes(day))
    if (expected.length >= MAX_CLOSURES) continue
    expect(datesOf(ics), `seed ${seed}: ${start} ${textOf(rule)}`).toEqual([...expected, '2032-12-31'])
  }
})

function datesOf(ics: string): string[] {
  const { holidays } = holidaysOf(ics, Date.UTC(2026, 4, 4), LeaveOut.parse({}))
  return holidays.map(({ closure }) => ('date' in closure ? closure.date : closure.firstDay))
}

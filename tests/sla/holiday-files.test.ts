/** iCalendar files from elsewhere: what they may cost, and that a rule means the same from wherever it is walked. */
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { holidaysOf } from '@rejoin/server/sla/calendars/holidays.ts'
import { ALWAYS_OPEN } from '@rejoin/shared/sla/calendar.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld } from '../harness/world.ts'

const event = (...lines: string[]) => ['BEGIN:VEVENT', 'SUMMARY:Holiday', ...lines, 'END:VEVENT']
const file = (...lines: string[]) => ['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR'].join('\r\n')
const since1970 = (rule: string) => event('DTSTART;VALUE=DATE:19700101', `RRULE:${rule}`)

async function importer() {
  const world = await startWorld()
  const { api } = await world.desk()
  const { output } = await api.sla.calendars.create.mutate({ name: 'Office', value: ALWAYS_OPEN })
  const { calendarId } = output
  return {
    importFile: (ics: string) => api.sla.calendars.importHolidays.mutate({ calendarId, ics }),
    closures: async () => (await api.sla.calendars.get.query({ calendarId })).value.closures,
    world,
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  }
}

it.each([
  { what: 'a day that no year has', rule: 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30' },
  { what: 'a second of such a day', rule: 'FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30' },
])('refuses a file with $what after two seconds, during which others work', async ({ rule }) => {
  await using office = await importer()
  let isRefused = false
  const refused = office.importFile(file(...since1970(rule))).catch((error: unknown) => {
    isRefused = true
    return error
  })
  await office.world.ticket()
  expect(isRefused).toBe(false)
  expect(await refused).toMatchObject({
    data: { code: 'too-large', hint: expect.stringContaining('Nothing was changed') },
    message: 'ics: it takes longer than 2 s to work out.',
  })
  expect(await office.closures()).toEqual([])
})

it.each([
  { what: 'on its own', events: 3, rule: 'FREQ=DAILY' },
  { what: 'as fifty events', events: 50, rule: 'FREQ=DAILY' },
  { what: 'as fifty events by weeks', events: 50, rule: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR' },
])('refuses more days than a calendar holds, $what, and names the line', async ({ events, rule }) => {
  await using office = await importer()
  const call = office.importFile(file(...Array.from({ length: events }, () => since1970(rule)).flat()))
  await expect(call).rejects.toThrow('ics: line 13: with this event the file closes more than 2000 days.')
  expect(await codeOf(call)).toBe('too-large')
})

it('says how many closures the calendar would have', async () => {
  await using office = await importer()
  await office.importFile(file(...since1970('FREQ=DAILY')))
  const other = event('DTSTART;VALUE=DATE:19500101', 'RRULE:FREQ=DAILY;UNTIL=19521231', 'DTEND;VALUE=DATE:19500102')
  await office.importFile(file(...other))
  const third = event('DTSTART;VALUE=DATE:19600101', 'DTEND;VALUE=DATE:19600103')
  await expect(office.importFile(file(...third))).rejects.toThrow(
    'ics: the calendar would have 2002 closures; it holds 2000.',
  )
})

/** What may stand in an event, and mean nothing. */
const NONSENSE = [
  'DTSTART;VALUE=DATE:20261301',
  'DTSTART;VALUE=DATE:00000000',
  'DTSTART;VALUE=DATE:x',
  'DTSTART;VALUE=DATE:20260101\r\nDTEND;VALUE=DATE:x',
  'DTSTART;VALUE=DATE:20260101\r\nDURATION:x',
  'DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=NEVER',
  'DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=MONTHLY;BYDAY=9MO',
  'DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=YEARLY;BYWEEKNO=1;BYMONTHDAY=1',
  'DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=DAILY;INTERVAL=0',
  'DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=DAILY;UNTIL=x',
  'DTSTART;VALUE=DATE:20260101\r\nRDATE;VALUE=DATE:x',
]

it('takes or refuses an event of nonsense, and never fails on it', async () => {
  await using office = await importer()
  for (const lines of NONSENSE) {
    const code = await codeOf(office.importFile(file(...event(lines))))
    expect({ lines, isAnswered: ['done', 'invalid', 'too-large'].includes(code) }).toEqual({ lines, isAnswered: true })
  }
})

it('takes an event without a name', async () => {
  await using office = await importer()
  await office.importFile(file('BEGIN:VEVENT', 'DTSTART;VALUE=DATE:20261224', 'END:VEVENT'))
  expect(await office.closures()).toEqual([{ date: '2026-12-24', hours: ['00:00', '24:00'] }])
})

it('asks for the right before it reads the file', async () => {
  await using office = await importer()
  const { api } = await office.world.person('ada', 'agent')
  const ics = file(...since1970('FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'))
  expect(await codeOf(api.sla.calendars.importHolidays.mutate({ calendarId: 'default', ics }))).toBe('forbidden')
})

it('finds by a later start what it finds from the first: a count that is never reached has it walk from there', () => {
  const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']
  const dates = fc.integer({ min: 0, max: 20_000 }).map((day) => icsDate(day))
  const list = <Value>(values: fc.Arbitrary<Value>) => fc.uniqueArray(values, { minLength: 1, maxLength: 5 })
  const optional = (name: string, values: fc.Arbitrary<string>) =>
    fc.option(
      values.map((value) => `;${name}=${value}`),
      { nil: '' },
    )
  const by = (name: string, values: fc.Arbitrary<string | number>) => optional(name, list(values).map(String))
  const rules = fc.tuple(
    fc.constantFrom('FREQ=DAILY', 'FREQ=WEEKLY'),
    optional('INTERVAL', fc.constantFrom('2', '3', '5')),
    by('BYDAY', fc.constantFrom(...weekdays)),
    by('BYMONTH', fc.integer({ min: 1, max: 12 })),
    optional('WKST', fc.constantFrom('SU', 'WE')),
    optional('UNTIL', dates),
  )
  const now = Date.UTC(2026, 4, 4)
  fc.assert(
    fc.property(dates, rules, fc.option(list(dates)), (start, rule, exceptions) => {
      const found = (suffix: string) =>
        holidaysOf(
          file(...event(`DTSTART;VALUE=DATE:${start}`, `RRULE:${rule.join('')}${suffix}`)).replace(
            'END:VEVENT',
            `${exceptions === null ? '' : `EXDATE;VALUE=DATE:${String(exceptions)}\r\n`}END:VEVENT`,
          ),
          now,
        )
      expect(found('')).toEqual(found(';COUNT=1000000'))
    }),
    { numRuns: 40 },
  )
})

function icsDate(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '')
}

/** iCalendar files with the right answer for each: the days that they close, or the refusal with the line. */
import { expect, it } from 'vitest'
import { holidaysOf, type Holidays } from '@rejoin/server/slices/sla/calendars/holidays.ts'
import { LeaveOut } from '@rejoin/server/slices/sla/calendars/leave-out.ts'

const NOW = Date.UTC(2026, 4, 4)
const WHOLE_DAY = ['00:00', '24:00']

/** Lines of events: the first of them is line 3 of the file. */
function fileOf(...events: string[]): string {
  const lines = events.flatMap((event) => ['BEGIN:VEVENT', ...event.split(' | '), 'END:VEVENT'])
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR'].join('\r\n')
}

const read = (ics: string, leaveOut: unknown = {}) => holidaysOf(ics, NOW, LeaveOut.parse(leaveOut))

function daysIn({ holidays }: Holidays): string[] {
  return holidays.map(({ closure }) => {
    expect(closure.hours).toEqual(WHOLE_DAY)
    return 'date' in closure ? closure.date : `every ${closure.firstDay}`
  })
}

/** A zone in the file: what it is called, and its offsets from the last Sunday of March and of October on. */
const zone = (tzid: string, [summer, winter]: [string, string], [march, october]: [string, string]) =>
  [
    `BEGIN:VTIMEZONE | TZID:${tzid}`,
    `BEGIN:DAYLIGHT | DTSTART:16010101T020000 | RRULE:FREQ=YEARLY;BYDAY=${march}`,
    `TZOFFSETFROM:${winter} | TZOFFSETTO:${summer} | END:DAYLIGHT`,
    `BEGIN:STANDARD | DTSTART:16010101T030000 | RRULE:FREQ=YEARLY;BYDAY=${october}`,
    `TZOFFSETFROM:${summer} | TZOFFSETTO:${winter} | END:STANDARD | END:VTIMEZONE`,
  ]
    .join(' | ')
    .split(' | ')
    .join('\r\n')
const EUROPE: [string, string] = ['-1SU;BYMONTH=3', '-1SU;BYMONTH=10']
const AMERICA: [string, string] = ['2SU;BYMONTH=3', '1SU;BYMONTH=11']
const withZone = (written: string, ...events: string[]) => fileOf(...events).replace('VERSION:2.0', written)

/** Midnight to midnight by the clock of a zone, with a rule that ends at a time in UTC. */
const zoned = (tzid: string, rule: string) =>
  `DTSTART;TZID=${tzid}:20260501T000000 | DTEND;TZID=${tzid}:20260502T000000 | RRULE:${rule}`
const UNTIL_2028 = 'FREQ=YEARLY;UNTIL=20280430T220000Z'

const day = (text: string, ...more: string[]) => ['SUMMARY:X', `DTSTART;VALUE=DATE:${text}`, ...more].join(' | ')
const years = (...days: string[]) =>
  [2025, 2026, 2027, 2028, 2029, 2030, 2031].flatMap((year) => days.map((each) => `${year}-${each}`))

it.each<[what: string, events: string[], days: string[]]>([
  ['one day', [day('20261224')], ['2026-12-24']],
  ['no SUMMARY', ['DTSTART;VALUE=DATE:20261224'], ['2026-12-24']],
  ['no VALUE=DATE', ['DTSTART:20261224'], ['2026-12-24']],
  ['small letters', ['dtstart;value=date:20261224'], ['2026-12-24']],
  ['a Z behind a date', ['DTSTART;VALUE=DATE:20261224Z'], ['2026-12-24']],
  ['midnight to midnight', ['DTSTART:20261224T000000 | DTEND:20261226T000000'], ['2026-12-24', '2026-12-25']],
  [
    'midnight to midnight in a zone',
    ['DTSTART;TZID=Europe/Berlin:20261024T000000 | DTEND;TZID=Europe/Berlin:20261026T000000'],
    ['2026-10-24', '2026-10-25'],
  ],
  [
    'DTEND, which is the day after',
    [day('20261224', 'DTEND;VALUE=DATE:20261227')],
    ['2026-12-24', '2026-12-25', '2026-12-26'],
  ],
  ['DTEND without VALUE=DATE', [day('20261224', 'DTEND:20261226')], ['2026-12-24', '2026-12-25']],
  ['DTEND on the day itself', [day('20261224', 'DTEND;VALUE=DATE:20261224')], ['2026-12-24']],
  ['DURATION in days', [day('20261224', 'DURATION:P2D')], ['2026-12-24', '2026-12-25']],
  [
    'DURATION in weeks',
    [day('20261224', 'DURATION:P1W')],
    ['24', '25', '26', '27', '28', '29', '30'].map((each) => `2026-12-${each}`),
  ],
  ['DURATION in hours that are days', [day('20261224', 'DURATION:PT48H')], ['2026-12-24', '2026-12-25']],
  ['a day in the past', [day('20191224')], ['2019-12-24']],
  ['a leap day', [day('20280229')], ['2028-02-29']],
  ['the same day twice in one event', [day('20261224', 'RDATE;VALUE=DATE:20261224')], ['2026-12-24']],

  ['a bare yearly rule that has begun', [day('20200501', 'RRULE:FREQ=YEARLY')], ['every 05-01']],
  ['one that says the day again', [day('20201225', 'RRULE:FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25')], ['every 12-25']],
  ['one of 1601, as Outlook has them', [day('16010501', 'RRULE:FREQ=YEARLY')], ['every 05-01']],
  ['one over New Year', [day('20201231', 'DURATION:P2D', 'RRULE:FREQ=YEARLY')], ['every 12-31', 'every 01-01']],
  ['a yearly leap day', [day('20200229', 'RRULE:FREQ=YEARLY')], ['every 02-29']],
  [
    'two days that are others in leap years',
    [day('20240228', 'DURATION:P2D', 'RRULE:FREQ=YEARLY')],
    [2025, 2026, 2027, 2028, 2029, 2030, 2031].flatMap((year) => [
      `${year}-02-28`,
      year === 2028 ? '2028-02-29' : `${year}-03-01`,
    ]),
  ],
  [
    'a yearly rule that begins later',
    [day('20290501', 'RRULE:FREQ=YEARLY')],
    ['2029-05-01', '2030-05-01', '2031-05-01'],
  ],
  ['one that begins tomorrow', [day('20260505', 'RRULE:FREQ=YEARLY')], years('05-05').slice(1)],
  ['one that ends', [day('20200501', 'RRULE:FREQ=YEARLY;UNTIL=20270501')], ['2025-05-01', '2026-05-01', '2027-05-01']],
  ['one that ended', [day('20000501', 'RRULE:FREQ=YEARLY;UNTIL=20100501')], []],
  ['UNTIL at a time', [day('20200501', 'RRULE:FREQ=YEARLY;UNTIL=20260501T235959Z')], ['2025-05-01', '2026-05-01']],
  [
    'UNTIL in UTC of a midnight in Berlin',
    ['DTSTART;TZID=Europe/Berlin:20260501T000000 | DURATION:P1D | RRULE:FREQ=DAILY;UNTIL=20260502T220000Z'],
    ['2026-05-01', '2026-05-02', '2026-05-03'],
  ],
  [
    'UNTIL in UTC of a midnight in a zone as Windows calls it',
    [zoned('W. Europe Standard Time', UNTIL_2028)],
    ['2026-05-01', '2027-05-01', '2028-05-01'],
  ],
  [
    'one to the west',
    [zoned('Pacific Standard Time', 'FREQ=YEARLY;UNTIL=20280501T065959Z')],
    ['2026-05-01', '2027-05-01'],
  ],
  [
    'a zone that nobody knows, where no day depends on it',
    [zoned('Nowhere', 'FREQ=YEARLY;UNTIL=20280501')],
    ['2026-05-01', '2027-05-01', '2028-05-01'],
  ],
  ['COUNT', [day('20240501', 'RRULE:FREQ=YEARLY;COUNT=3')], ['2025-05-01', '2026-05-01']],
  ['every second year', [day('20240501', 'RRULE:FREQ=YEARLY;INTERVAL=2')], ['2026-05-01', '2028-05-01', '2030-05-01']],
  ['several months', [day('20240501', 'RRULE:FREQ=YEARLY;BYMONTH=5,10')], years('05-01', '10-01')],
  ['several days', [day('20240501', 'RRULE:FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1,2')], years('05-01', '05-02')],
  [
    'days of every month',
    [day('20310701', 'RRULE:FREQ=YEARLY;BYMONTHDAY=1')],
    ['07', '08', '09', '10', '11', '12'].map((month) => `2031-${month}-01`),
  ],
  ['BYYEARDAY', [day('20240101', 'RRULE:FREQ=YEARLY;BYYEARDAY=1,-1')], years('01-01', '12-31')],
  [
    'BYYEARDAY 60',
    [day('20240229', 'RRULE:FREQ=YEARLY;BYYEARDAY=60')],
    years('03-01').map((date) => (date === '2028-03-01' ? '2028-02-29' : date)),
  ],
  [
    'BYWEEKNO',
    [day('20250512', 'RRULE:FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO')],
    ['2025-05-12', '2026-05-11', '2027-05-17', '2028-05-15', '2029-05-14', '2030-05-13', '2031-05-12'],
  ],
  [
    'a weekday of the year',
    [day('20250519', 'RRULE:FREQ=YEARLY;BYDAY=20MO')],
    ['2025-05-19', '2026-05-18', '2027-05-17', '2028-05-15', '2029-05-14', '2030-05-20', '2031-05-19'],
  ],
  [
    'Thanksgiving',
    [day('20201126', 'RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH')],
    ['2025-11-27', '2026-11-26', '2027-11-25', '2028-11-23', '2029-11-22', '2030-11-28', '2031-11-27'],
  ],
  [
    'Thanksgiving by BYSETPOS',
    [day('20201126', 'RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=TH;BYSETPOS=4')],
    ['2025-11-27', '2026-11-26', '2027-11-25', '2028-11-23', '2029-11-22', '2030-11-28', '2031-11-27'],
  ],
  [
    'Memorial Day',
    [day('20200525', 'RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO')],
    ['2025-05-26', '2026-05-25', '2027-05-31', '2028-05-29', '2029-05-28', '2030-05-27', '2031-05-26'],
  ],
  [
    'the last day of a month',
    [day('20310930', 'RRULE:FREQ=MONTHLY;BYMONTHDAY=-1')],
    ['2031-09-30', '2031-10-31', '2031-11-30', '2031-12-31'],
  ],
  ['the 31st, where there is one', [day('20310831', 'RRULE:FREQ=MONTHLY')], ['2031-08-31', '2031-10-31', '2031-12-31']],
  [
    'two rules',
    [day('20310501', 'RRULE:FREQ=YEARLY;BYMONTH=5', 'RRULE:FREQ=YEARLY;BYMONTH=5,7')],
    ['2031-05-01', '2031-07-01'],
  ],

  [
    'EXDATE',
    [day('20200501', 'RRULE:FREQ=YEARLY', 'EXDATE;VALUE=DATE:20270501')],
    years('05-01').filter((date) => date !== '2027-05-01'),
  ],
  [
    'EXDATE without VALUE=DATE',
    [day('20290501', 'RRULE:FREQ=YEARLY', 'EXDATE:20300501')],
    ['2029-05-01', '2031-05-01'],
  ],
  [
    'EXDATE at midnight',
    [day('20290501', 'RRULE:FREQ=YEARLY', 'EXDATE:20300501T000000Z')],
    ['2029-05-01', '2031-05-01'],
  ],
  [
    'EXDATE of several, one of which is no such day',
    [day('20290501', 'RRULE:FREQ=YEARLY', 'EXDATE;VALUE=DATE:20290502,20300501', 'EXDATE;VALUE=DATE:20310501')],
    ['2029-05-01'],
  ],
  [
    'EXDATE in any order',
    [day('20290501', 'RRULE:FREQ=YEARLY', 'EXDATE;VALUE=DATE:20310501,20290501')],
    ['2030-05-01'],
  ],
  [
    'EXDATE of the first of two days',
    [day('20300501', 'DURATION:P2D', 'RRULE:FREQ=YEARLY', 'EXDATE:20300501')],
    ['2031-05-01', '2031-05-02'],
  ],
  ['RDATE', [day('20261224', 'RDATE;VALUE=DATE:20261231,20270106')], ['2026-12-24', '2026-12-31', '2027-01-06']],
  ['RDATE beside a rule', [day('20310501', 'RRULE:FREQ=YEARLY', 'RDATE:20310601')], ['2031-05-01', '2031-06-01']],
  [
    'RDATE for two days',
    [day('20261224', 'DURATION:P2D', 'RDATE:20261231')],
    ['2026-12-24', '2026-12-25', '2026-12-31', '2027-01-01'],
  ],

  [
    'a day that is moved',
    [day('20290501', 'UID:a', 'RRULE:FREQ=YEARLY'), day('20300503', 'UID:a', 'RECURRENCE-ID;VALUE=DATE:20300501')],
    ['2029-05-01', '2031-05-01', '2030-05-03'],
  ],
  [
    'one that is cancelled',
    [
      day('20290501', 'UID:a', 'RRULE:FREQ=YEARLY'),
      day('20300501', 'UID:a', 'RECURRENCE-ID:20300501', 'STATUS:CANCELLED'),
    ],
    ['2029-05-01', '2031-05-01'],
  ],
  [
    'one of a series that is cancelled and made again',
    [
      day('20270201', 'UID:a', 'RRULE:FREQ=YEARLY;COUNT=2', 'STATUS:CANCELLED'),
      day('20270201', 'UID:a', 'SEQUENCE:1', 'RRULE:FREQ=YEARLY;COUNT=2'),
      day('20270203', 'UID:a', 'SEQUENCE:1', 'RECURRENCE-ID:20270201'),
    ],
    ['2028-02-01', '2027-02-03'],
  ],
  [
    'one of a series that is cancelled later',
    [
      day('20270201', 'UID:a', 'RRULE:FREQ=YEARLY;COUNT=2'),
      day('20270203', 'UID:a', 'SEQUENCE:1', 'RECURRENCE-ID:20270201'),
      day('20270201', 'UID:a', 'SEQUENCE:2', 'RRULE:FREQ=YEARLY;COUNT=2', 'STATUS:CANCELLED'),
    ],
    [],
  ],
  [
    'an empty UID, which is none',
    [day('20261224', 'UID:'), day('20261231', 'UID:', 'SEQUENCE:1')],
    ['2026-12-24', '2026-12-31'],
  ],
  [
    'one of another series',
    [day('20300501', 'UID:a', 'RRULE:FREQ=YEARLY'), day('20300503', 'UID:b', 'RECURRENCE-ID:20300501')],
    ['2030-05-01', '2031-05-01', '2030-05-03'],
  ],
  [
    'the moved day before its series',
    [day('20300503', 'UID:a', 'RECURRENCE-ID:20300501'), day('20300501', 'UID:a', 'RRULE:FREQ=YEARLY')],
    ['2030-05-03', '2031-05-01'],
  ],
  [
    'a moved day that is moved again',
    [
      day('20300501', 'UID:a', 'RRULE:FREQ=YEARLY'),
      day('20300503', 'UID:a', 'RECURRENCE-ID:20300501'),
      day('20300504', 'UID:a', 'RECURRENCE-ID:20300501', 'SEQUENCE:2'),
    ],
    ['2031-05-01', '2030-05-04'],
  ],
  [
    'one of a bare yearly rule that has begun',
    [day('20200501', 'UID:a', 'RRULE:FREQ=YEARLY'), day('20270503', 'UID:a', 'RECURRENCE-ID:20270501')],
    [...years('05-01').filter((date) => date !== '2027-05-01'), '2027-05-03'],
  ],
  [
    'one that becomes a meeting',
    [day('20310501', 'UID:a', 'RRULE:FREQ=YEARLY'), 'UID:a | DTSTART:20310501T090000 | RECURRENCE-ID:20310501'],
    [],
  ],
  ['a cancelled event', [day('20261224', 'STATUS:CANCELLED'), day('20261225', 'status:Confirmed')], ['2026-12-25']],
  [
    'a cancelled series',
    [
      day('20290501', 'UID:a', 'RRULE:FREQ=YEARLY', 'STATUS:CANCELLED'),
      day('20300503', 'UID:a', 'RECURRENCE-ID:20300501'),
    ],
    [],
  ],
  ['a later version', [day('20261224', 'UID:a'), day('20261223', 'UID:a', 'SEQUENCE:1')], ['2026-12-23']],
  [
    'one uid for all, as some feeds have',
    [day('20261224', 'UID:a'), day('20261225', 'UID:a')],
    ['2026-12-24', '2026-12-25'],
  ],
  [
    'a reminder with a length of its own',
    ['DTSTART:20261224 | BEGIN:VALARM | TRIGGER:-PT15M | DURATION:P9D | END:VALARM'],
    ['2026-12-24'],
  ],
  [
    'times',
    [
      'DTSTART:20261224T090000Z | DTEND:20261224T170000Z',
      'DTSTART:20261224T000000Z | DTEND:20261225T000000Z',
      'DTSTART:20261224T000000',
      'DTSTART:20261224 | DURATION:PT8H',
    ],
    [],
  ],
])('reads %s', (_, events, days) => {
  expect(daysIn(read(fileOf(...events)))).toEqual(days)
})

it.each<[what: string, ics: string, days: string[]]>([
  [
    'by its own name',
    withZone(zone('Head office', ['+0200', '+0100'], EUROPE), zoned('Head office', UNTIL_2028)),
    ['2026-05-01', '2027-05-01', '2028-05-01'],
  ],
  [
    'rather than the one of Windows',
    withZone(
      zone('W. Europe Standard Time', ['-0700', '-0800'], AMERICA),
      zoned('W. Europe Standard Time', UNTIL_2028),
    ),
    ['2026-05-01', '2027-05-01'],
  ],
  [
    'on the day of a change',
    withZone(
      zone('East', ['-0400', '-0500'], AMERICA),
      'DTSTART;TZID=East:20271106T000000 | DURATION:P1D | RRULE:FREQ=DAILY;UNTIL=20271107T040000Z',
    ),
    ['2027-11-06', '2027-11-07'],
  ],
  [
    'with a comma in its name',
    withZone(
      zone('(UTC+01:00) Bern\\, Rome', ['+0200', '+0100'], EUROPE),
      zoned('"(UTC+01:00) Bern, Rome"', UNTIL_2028),
    ),
    ['2026-05-01', '2027-05-01', '2028-05-01'],
  ],
])('takes the zone that the file itself has, %s', (_, ics, days) => {
  expect(daysIn(read(ics))).toEqual(days)
})

it('refuses a zone of the file that has no offset, where a day depends on it', () => {
  const empty = 'BEGIN:VTIMEZONE\r\nTZID:Nowhere\r\nEND:VTIMEZONE'
  expect(() => read(withZone(empty, zoned('Nowhere', UNTIL_2028)))).toThrow('ics: line 2: the VTIMEZONE cannot be read')
  expect(daysIn(read(withZone(empty, day('20261224'))))).toEqual(['2026-12-24'])
})

it('leaves out of a name what nobody sees', () => {
  const { holidays } = read(
    fileOf('SUMMARY:a\0b\u202Ec\\nd \u{1F468}\u200D\u{1F469} e\u0301 | DTSTART:20261224 | CATEGORIES:x\u200By'),
  )
  expect(holidays[0]?.closure.name).toBe('a bc d \u{1F468}\u200D\u{1F469} \u00E9')
  expect(holidays[0]?.categories).toEqual(['xy'])
})

it('reads a BOM, line ends of any kind, folded lines, blank ones, and several calendars', () => {
  const ics = fileOf(day('20261224'))
  const several = `${ics}\r\n\r\n${fileOf(day('20261225')).replaceAll('\r\n', '\r')}\n`
  expect(daysIn(read(`\uFEFF${several}`))).toEqual(['2026-12-24', '2026-12-25'])
  const folded = read(
    ics.replace('SUMMARY:X', 'SUMMARY:Christ\r\n mas Eve\\, the\r\n\t 24th').replace(':20261224', ':2026\r\n 1224'),
  )
  expect(folded.holidays.map(({ closure }) => closure)).toEqual([
    { date: '2026-12-24', hours: WHOLE_DAY, name: 'Christmas Eve, the 24th' },
  ])
})

it.each<[what: string, event: string, says: string]>([
  ['a day that no year has', day('20270231'), 'line 5: DTSTART is "20270231", which is not a date'],
  ['a leap day of another year', day('20270229'), 'line 5: DTSTART is "20270229"'],
  ['a date with dashes', day('2027-02-01'), 'line 5: DTSTART is "2027-02-01"'],
  ['a date of seven digits', day('2027021'), 'line 5: DTSTART is "2027021"'],
  ['a date of nine', day('202702011'), 'line 5: DTSTART is "202702011"'],
  ['an hour there is none of', 'DTSTART:20270201T250000', 'line 4: DTSTART is "20270201T250000"'],
  ['a year of which nothing is known', day('18990101'), 'line 5: DTSTART is outside the years 1900 to 2499'],
  ['no DTSTART', 'SUMMARY:X', 'line 3: the event has no DTSTART'],
  ['a second DTSTART', day('20270101', 'DTSTART:20270102'), 'line 6: the event has a second DTSTART'],
  ['an end that is no day', day('20270201', 'DTEND:20270231'), 'line 6: DTEND is "20270231"'],
  ['an end before the start', day('20270201', 'DTEND:20270131'), 'line 6: the event ends before it begins'],
  ['a length below nothing', day('20270201', 'DURATION:-P1D'), 'line 6: the event ends before it begins'],
  ['a length that is none', day('20270201', 'DURATION:x'), 'line 6: invalid duration value'],
  [
    'an end and a length',
    day('20270201', 'DTEND:20270202', 'DURATION:P1D'),
    'line 7: the event has DTEND and DURATION',
  ],
  ['a length of years', day('20270201', 'DURATION:P367D'), 'line 6: the event lasts 367 days; the limit is 366'],
  ['EXDATE that is no day', day('20200501', 'RRULE:FREQ=YEARLY', 'EXDATE:20270231'), 'line 7: EXDATE is "20270231"'],
  ['EXDATE at a time', day('20200501', 'RRULE:FREQ=YEARLY', 'EXDATE:20270430T220000Z'), 'line 7: EXDATE has a time'],
  ['RDATE that is no day', day('20200501', 'RDATE:20270101,20270231'), 'line 6: RDATE is "20270231"'],
  ['RDATE that is a period', day('20200501', 'RDATE;VALUE=PERIOD:20270101T000000Z/P1D'), 'line 6: RDATE is a period'],
  [
    'RECURRENCE-ID with a range',
    day('20300503', 'RECURRENCE-ID;RANGE=THISANDFUTURE:20300501'),
    'line 6: RANGE moves all',
  ],
  ['a rule of hours', day('20270201', 'RRULE:FREQ=HOURLY'), 'line 6: a rule for whole days must be DAILY, WEEKLY,'],
  ['a rule of seconds', day('20270201', 'RRULE:FREQ=SECONDLY'), 'line 6: a rule for whole days must be'],
  [
    'a rule with hours',
    day('20270201', 'RRULE:FREQ=DAILY;BYHOUR=9'),
    'line 6: a rule for whole days cannot have "BYHOUR=9"',
  ],
  ['a rule of nothing', day('20270201', 'RRULE:COUNT=2'), 'line 6: '],
  [
    'an unknown part',
    day('20270201', 'RRULE:FREQ=YEARLY;BYEASTER=0'),
    'line 6: a rule for whole days cannot have "BYEASTER=0"',
  ],
  ['a day there is none of', day('20270201', 'RRULE:FREQ=YEARLY;BYMONTHDAY=32'), 'line 6: BYMONTHDAY'],
  [
    'days taken out by a rule',
    day('20260101', 'RRULE:FREQ=YEARLY', 'EXRULE:FREQ=YEARLY;INTERVAL=2'),
    'line 7: EXRULE is not supported',
  ],
  [
    'a rule of a single day of a series',
    day('20300503', 'UID:a', 'RECURRENCE-ID:20300501', 'RRULE:FREQ=YEARLY'),
    'line 8: the event has RECURRENCE-ID and RRULE',
  ],
  [
    'a rule that ends at a time of a zone nobody knows',
    zoned('Nowhere', UNTIL_2028),
    'line 6: the rule ends at a time of the zone "Nowhere", which is not known',
  ],
  [
    'a month there is none of',
    day('20270201', 'RRULE:FREQ=YEARLY;BYMONTH=2,13'),
    'line 6: BYMONTH has "13", which is not a number from 1 to 12',
  ],
  [
    'a week there is none of',
    day('20270201', 'RRULE:FREQ=YEARLY;BYWEEKNO=0'),
    'line 6: BYWEEKNO has "0", which is not a number from 1 to 53, or -1 to -53',
  ],
  ['a weekday there is none of', day('20270201', 'RRULE:FREQ=WEEKLY;BYDAY=MO,XX'), 'line 6: BYDAY has "XX", which'],
  ['a week that begins on none', day('20270201', 'RRULE:FREQ=WEEKLY;WKST=X'), 'line 6: WKST is "X", which'],
  ['INTERVAL=0', day('20270201', 'RRULE:FREQ=YEARLY;INTERVAL=0'), 'line 6: INTERVAL must be 1 or more'],
  ['UNTIL that is no day', day('20270201', 'RRULE:FREQ=YEARLY;UNTIL=20290231'), 'line 6: UNTIL is "20290231"'],
  [
    'UNTIL and COUNT',
    day('20270201', 'RRULE:FREQ=YEARLY;UNTIL=20290201;COUNT=2'),
    'line 6: a rule can have COUNT or UNTIL',
  ],
  [
    'BYWEEKNO of a month',
    day('20270201', 'RRULE:FREQ=MONTHLY;BYWEEKNO=5'),
    'line 6: BYWEEKNO has no meaning in a MONTHLY rule',
  ],
  [
    'a second Monday of a week',
    day('20270201', 'RRULE:FREQ=WEEKLY;BYDAY=2MO'),
    'line 6: BYDAY=2MO has no meaning in a WEEKLY rule',
  ],
  [
    'two kinds of weekdays',
    day('20270201', 'RRULE:FREQ=MONTHLY;BYDAY=1MO,TU'),
    'line 6: BYDAY mixes weekdays with and without a number',
  ],
  ['two of a part', day('20270201', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTH=3'), 'line 6: '],
  [
    'a start that is not of its rule',
    day('20270201', 'RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1'),
    'line 6: the rule does not include the start of the event, 2027-02-01',
  ],
  [
    'the same with a count',
    day('20000201', 'RRULE:FREQ=YEARLY;BYMONTH=3;COUNT=30'),
    'line 6: the rule does not include',
  ],
  ['a line that is none', day('20270201', 'nonsense'), 'line 6: "nonsense" is not a property'],
])('refuses %s, with the line', (_, event, says) => {
  expect(() => read(fileOf(event))).toThrow(`ics: ${says}`)
})

it.each([
  ['nothing', ' ', 'line 1: the file has no VCALENDAR'],
  ['a page', '<html></html>', 'line 1: '],
  ['an address book', 'BEGIN:VCARD\r\nEND:VCARD', 'line 1: the file has no VCALENDAR'],
  [
    'another way to count days',
    fileOf(day('20261224')).replace('VERSION:2.0', 'CALSCALE:HEBREW'),
    'line 2: CALSCALE is "HEBREW", which is not supported',
  ],
  ['a file that is cut off', fileOf(day('20261224')).slice(0, -20), 'line 6: '],
  ['an end of another kind', fileOf('BEGIN:VALARM'), 'line 5: END:VEVENT has no BEGIN before it'],
  [
    'what takes events back',
    fileOf(day('20261224')).replace('VERSION:2.0', 'METHOD:CANCEL'),
    'line 2: the file cancels',
  ],
])('refuses %s', (_, ics, says) => {
  expect(() => read(ics)).toThrow(`ics: ${says}`)
})

it('says until when it has written out rules, and why an event closes nothing', () => {
  const { skipped, writtenOutUntil } = read(
    fileOf(
      day('20200501', 'RRULE:FREQ=YEARLY;UNTIL=20210501'),
      'SUMMARY:Party | DTSTART:20261224T180000',
      day('20261225'),
    ),
  )
  expect(writtenOutUntil).toBeNull()
  expect(skipped).toEqual([
    { line: 3, reason: 'X: The event has no day to close, 2025-01-01 to 2031-12-31.' },
    { line: 8, reason: 'Party: The event is not a whole-day event.' },
  ])
  expect(read(fileOf(day('20200501', 'RRULE:FREQ=YEARLY;INTERVAL=2'))).writtenOutUntil).toBe('2031-12-31')
  expect(read(fileOf(day('20200501', 'RRULE:FREQ=YEARLY'))).writtenOutUntil).toBeNull()
})

/** As Google's calendars of holidays and Outlook's have them. */
const MIXED = fileOf(
  'UID:1 | SUMMARY:Christmas Day | DTSTART;VALUE=DATE:20261225 | DESCRIPTION:Public holiday',
  'UID:2 | SUMMARY:Daylight Saving Time ends | DTSTART;VALUE=DATE:20261025 | DESCRIPTION:Observance\\nTo hide observances\\, go on',
  'UID:3 | SUMMARY:Valentine | DTSTART;VALUE=DATE:20200214 | RRULE:FREQ=YEARLY | CATEGORIES:Fun,Observance',
  'UID:4 | SUMMARY:Two days | DTSTART;VALUE=DATE:20201230 | DURATION:P2D | RRULE:FREQ=YEARLY | CATEGORIES:Company',
)

it.each<[what: string, leaveOut: object, days: string[]]>([
  ['nothing', {}, ['2026-12-25', '2026-10-25', 'every 02-14', 'every 12-30', 'every 12-31']],
  ['a category', { categories: ['observance'] }, ['2026-12-25', 'every 12-30', 'every 12-31']],
  ['uids', { uids: ['1', '4'] }, ['2026-10-25', 'every 02-14']],
  ['a date', { dates: ['2026-10-25'], uids: ['4'] }, ['2026-12-25', 'every 02-14']],
  ['a day of every year', { dates: ['12-31'], uids: ['2'] }, ['2026-12-25', 'every 02-14', 'every 12-30']],
  [
    'a day of one year, so that the others are written out',
    { dates: ['2027-02-14'], uids: ['1', '2', '4'] },
    years('02-14').filter((date) => date !== '2027-02-14'),
  ],
])('leaves out %s', (_, leaveOut, days) => {
  expect(daysIn(read(MIXED, leaveOut))).toEqual(days)
})

it('repeats with each day no more than a few categories, and refuses a uid beyond 500 characters', () => {
  const many = Array.from({ length: 5000 }, (_, count) => `C${count}`).join(',')
  const { holidays } = read(fileOf(day('20261224', `CATEGORIES:${many}`, 'DESCRIPTION:Observance')))
  expect(holidays[0]?.categories).toHaveLength(10)
  expect(holidays[0]?.categories).toContain('Observance')
  expect(() => read(fileOf(day('20261224', `UID:${'x'.repeat(501)}`)))).toThrow(
    'line 6: UID has 501 characters; the limit',
  )
})

it('refuses to leave out what the file does not have', () => {
  expect(() => read(MIXED, { uids: ['9'] })).toThrow('leaveOut.uids: the file has no "9".')
  expect(() => read(MIXED, { dates: ['2026-10-26'] })).toThrow('leaveOut.dates: the file has no "2026-10-26".')
  expect(() => read(MIXED, { categories: ['Bank holiday'] })).toThrow('leaveOut.categories: the file has no')
})

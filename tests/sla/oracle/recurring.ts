/** The days of a rule the slow way, as an oracle: each day of a window is asked whether it is one. It shares no code with the import. */

export interface SlowRule {
  readonly freq: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY'
  readonly interval: number
  readonly months?: readonly number[]
  /** From the end where they are negative. */
  readonly monthDays?: readonly number[]
  readonly yearDays?: readonly number[]
  /** 0 is Sunday. `nth` of the month, or of the year where the rule names no month; every one of them where it is 0. */
  readonly weekdays?: readonly { readonly day: number; readonly nth: number }[]
}

const DAY = 86_400_000
const NAMES = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA']

export function textOf({ freq, interval, months, monthDays, yearDays, weekdays }: SlowRule): string {
  const lists = { BYMONTH: months, BYMONTHDAY: monthDays, BYYEARDAY: yearDays }
  const days = weekdays?.map(({ day, nth }) => `${nth === 0 ? '' : nth}${NAMES[day]}`)
  const parts = Object.entries({ ...lists, BYDAY: days }).flatMap(([name, list]) =>
    list ? [`${name}=${list.join()}`] : [],
  )
  return [`FREQ=${freq}`, `INTERVAL=${interval}`, ...parts].join(';')
}

/** From the start, which is one only where the rule says so. */
export function slowDays(rule: SlowRule, start: string, { from, until }: { from: string; until: string }): string[] {
  const days: string[] = []
  for (let at = Math.max(Date.parse(start), Date.parse(from)); at <= Date.parse(until); at += DAY)
    if (isDay(rule, new Date(at), new Date(start))) days.push(new Date(at).toISOString().slice(0, 10))
  return days
}

function isDay(rule: SlowRule, date: Date, start: Date): boolean {
  const { freq, months, monthDays, yearDays, weekdays } = rule
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
  const monthLength = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  const yearLength = (Date.UTC(year + 1) - Date.UTC(year)) / DAY
  const yearDay = (date.getTime() - Date.UTC(year)) / DAY + 1
  const isIn = (list: readonly number[], place: number, length: number) =>
    list.some((each) => each === place || each === place - length - 1)
  if (!isInTurn(rule, date, start)) return false
  if (months !== undefined && !months.includes(month + 1)) return false
  if (monthDays !== undefined && !isIn(monthDays, day, monthLength)) return false
  if (yearDays !== undefined && !isIn(yearDays, yearDay, yearLength)) return false
  const isOfMonth = freq === 'MONTHLY' || months !== undefined
  const [place, length] = isOfMonth ? [day, monthLength] : [yearDay, yearLength]
  const isNth = (nth: number) =>
    nth === 0 || Math.ceil(place / 7) === nth || -Math.ceil((length - place + 1) / 7) === nth
  if (weekdays !== undefined) return weekdays.some((each) => each.day === date.getUTCDay() && isNth(each.nth))
  // What the rule leaves open is as it was at the start.
  if (monthDays !== undefined || yearDays !== undefined || freq === 'DAILY') return true
  if (freq === 'WEEKLY') return date.getUTCDay() === start.getUTCDay()
  return day === start.getUTCDate() && (freq === 'MONTHLY' || months !== undefined || month === start.getUTCMonth())
}

function isInTurn({ freq, interval }: SlowRule, date: Date, start: Date): boolean {
  const days = (date.getTime() - start.getTime()) / DAY
  const monday = (start.getUTCDay() + 6) % 7
  const years = date.getUTCFullYear() - start.getUTCFullYear()
  const passed = {
    DAILY: days,
    WEEKLY: Math.floor((days + monday) / 7),
    MONTHLY: years * 12 + date.getUTCMonth() - start.getUTCMonth(),
    YEARLY: years,
  }
  return passed[freq] % interval === 0
}

/**
 * Times as a service manager writes them into a log: by day, month and year, or in ISO 8601. Which of the first two
 * numbers is the day is never guessed: with dashes or dots it is the first, as the log is delivered; with slashes the
 * operator has to say. The log writes no zone; its times are taken as UTC.
 */
export const DATE_ORDERS = ['dmy', 'mdy'] as const
export type DateOrder = (typeof DATE_ORDERS)[number]

const CLOCK = String.raw`(?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:\.0+)?)?`
const ISO = new RegExp(String.raw`^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)[ T]${CLOCK}Z?$`)
const BY_DAY = new RegExp(String.raw`^(?<first>\d\d)(?<between>[-./])(?<next>\d\d)\k<between>(?<year>\d{4}) ${CLOCK}$`)

/** Epoch ms, or the reason why it is no time, to follow its name. */
export function timeOf(text: string, order?: DateOrder): number | string {
  const parts = ISO.exec(text)?.groups ?? byDay(text, order)
  if (typeof parts === 'string') return parts
  const { year, month, day, hour, minute, second = '00' } = parts
  const written = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`
  const at = Date.parse(written)
  // A date that does not exist, such as 31 February, would be read as another one.
  const isReal = !Number.isNaN(at) && new Date(at).toISOString() === written
  return isReal && at >= 0 ? at : isNone(text)
}

function byDay(text: string, order: DateOrder | undefined): Readonly<Record<string, string>> | string {
  const groups = BY_DAY.exec(text)?.groups
  if (groups === undefined) return isNone(text)
  const { first = '', next = '', between, ...rest } = groups
  if (order === undefined && between === '/') {
    return `${JSON.stringify(text)} may begin with the day or the month: add --dates dmy or --dates mdy`
  }
  const [day, month] = order === 'mdy' ? [next, first] : [first, next]
  return { ...rest, day, month }
}

function isNone(text: string): string {
  return `${JSON.stringify(text)} is not a time such as 29-02-2016 01:16 or 2016-02-29 01:16:00`
}

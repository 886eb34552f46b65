/** Times and durations as people read them, the same on every machine. */
import type { OffsetSpan } from '@rejoin/shared/sla/time/zone.ts'

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** `Fri 2026-03-13 16:59:00 -04:00`, with milliseconds where there are any. */
export function wallTime(at: number, spans: readonly OffsetSpan[]): string {
  const offsetMs = spans.findLast(({ from }) => from <= at)?.offsetMs ?? 0
  const shown = new Date(at + offsetMs)
  const [date = '', time = ''] = shown.toISOString().replace('.000Z', '').replace('Z', '').split('T')
  return `${DAYS[shown.getUTCDay()]} ${date} ${time} ${offsetText(offsetMs)}`
}

/** `1 h 30 min`, down to the second or, where it matters, to the millisecond. */
export function duration(ms: number): string {
  const seconds = (Math.abs(ms) % 60_000) / 1000
  const minutes = Math.floor(Math.abs(ms) / 60_000)
  const parts = [
    minutes >= 60 ? `${Math.floor(minutes / 60)} h` : '',
    minutes % 60 > 0 ? `${minutes % 60} min` : '',
    seconds > 0 ? `${seconds} s` : '',
  ].filter((part) => part !== '')
  return `${ms < 0 ? '−' : ''}${parts.join(' ') || '0 min'}`
}

function offsetText(offsetMs: number): string {
  const minutes = Math.abs(offsetMs) / 60_000
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  return `${offsetMs < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}

/** What the demo says, and in which colours. Without a terminal, or with NO_COLOR, it is plain text. */
import { styleText } from 'node:util'

export function heading(text: string): void {
  console.log(`\n${styleText(['bold', 'cyan'], text)}`)
}

export function say(text: string): void {
  console.log(`  ${text}`)
}

export function held(text: string): void {
  console.log(`  ${styleText('green', '✓')} ${text}`)
}

export function broken(text: string): void {
  console.error(styleText(['bold', 'red'], `✗ ${text}`, { stream: process.stderr }))
}

const OUTCOME_COLOURS = { applied: 'green', adjusted: 'yellow', parked: 'magenta', refused: 'red' } as const

export function coloured(outcome: keyof typeof OUTCOME_COLOURS): string {
  return styleText(OUTCOME_COLOURS[outcome], outcome)
}

export function faint(text: string): string {
  return styleText('dim', text)
}

/** A line that is written over by the next one. Where there is no terminal nothing is written. */
export function progress(text: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\u{1b}[2K  ${text}`)
}

export function endProgress(): void {
  if (process.stdout.isTTY) process.stdout.write('\r\u{1b}[2K')
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

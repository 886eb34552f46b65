/** The end of both demos: commands by verdict, and what else was counted. */
import type { DecidedRecord } from '@rejoin/client-sdk/ledger/records.ts'
import { tallyOf } from './evidence.ts'
import { printTable } from './table.ts'
import { coloured, heading } from './terminal.ts'

/** Prints the verdicts, and `facts` below them. */
export function printSummary(
  decided: readonly DecidedRecord[],
  facts: readonly (readonly [string, string | number])[],
): void {
  heading('Summary')
  const { applied, adjusted, parked, refused } = tallyOf(decided)
  printTable(
    ['commands', coloured('applied'), coloured('adjusted'), coloured('parked'), coloured('refused')],
    [[decided.length, applied, adjusted, parked, refused]],
  )
  printTable(['what', 'how many'], facts)
}

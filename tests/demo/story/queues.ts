/** What each device holds, as a table. */
import type { FieldDevice } from '../field-device.ts'
import { printTable } from '../table.ts'

export function printQueues(fields: readonly FieldDevice[]): void {
  printTable(
    ['device of', 'holds', 'tickets'],
    fields.map(({ person, device }) => [
      `${person.name} (${person.role})`,
      device.held().length,
      device
        .queue()
        .map(({ number }) => number ?? 'new')
        .join(' '),
    ]),
  )
}

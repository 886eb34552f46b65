/** An action on a device, and the verdict that it should get. */
import type { Device } from '@rejoin/client-sdk/device.ts'
import type { TicketView } from '@rejoin/shared/tickets/ticket.ts'
import type { Verdict } from '@rejoin/shared/sync/verdicts.ts'
import { mustMatch } from '../checks.ts'
import { printTable } from '../table.ts'
import { coloured } from '../terminal.ts'

export interface Expectation {
  readonly commandId: string
  /** The action, in the person's words. */
  readonly did: string
  readonly ticketId: string
  /** The ticket, as the device called it then. */
  readonly ticket: string
  readonly outcome: Verdict['outcome']
  readonly code?: Verdict['code']
}

/** Prints the verdicts with their reasons. Throws `DoesNotHold` where one is not as expected, or none has come. */
export function checkVerdicts(who: string, device: Device, expectations: readonly Expectation[]): void {
  const verdicts = new Map(device.verdicts().map((verdict) => [verdict.id, verdict]))
  const rows = expectations.map(({ commandId, did, ticketId, ticket }) => {
    const verdict = verdicts.get(commandId)
    const now = device.view(ticketId)
    const named = now === null ? ticket : nameOf(now)
    return [did, named, verdict === undefined ? 'none' : coloured(verdict.outcome), verdict?.message ?? '']
  })
  printTable([`what ${who} did`, 'ticket', 'verdict', ['why', 50]], rows)
  for (const { commandId, did, outcome, code } of expectations) {
    const verdict = verdicts.get(commandId)
    mustMatch(`"${did}" by ${who} gets its verdict`, [verdict?.outcome, verdict?.code], [outcome, code])
  }
}

export function nameOf({ number, title }: Pick<TicketView, 'number' | 'title'>): string {
  return `${number ?? 'new'} ${title.split(' ', 1).join()}`
}

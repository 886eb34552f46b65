/** Tickets as their reader should see them: the document, with the predicted effect of the waiting commands. */
import { documentIdOf } from '@rejoin/shared/kinds.ts'
import { predictAll, type Waiting } from '@rejoin/shared/sync/predict.ts'
import { ticketKind } from '@rejoin/shared/tickets/kind.ts'
import type { TicketView } from '@rejoin/shared/tickets/ticket.ts'
import type { Changes } from './changes.ts'
import { serverTimeAt } from './clock.ts'
import type { Ledger } from './ledger/ledger.ts'
import { asToday, type MadeCommand } from './ledger/records.ts'

export class Views {
  readonly #ledger: Ledger
  readonly #known = new Map<string, TicketView | null>()

  constructor(ledger: Ledger, changes: Changes) {
    this.#ledger = ledger
    changes.subscribe((change) => {
      if (change.kind === 'tickets') for (const ticketId of change.ticketIds) this.#known.delete(ticketId)
    })
  }

  findView(ticketId: string): TicketView | null {
    const known = this.#known.get(ticketId)
    if (known !== undefined) return known
    const view = this.#predicted(ticketId)
    this.#known.set(ticketId, view)
    return view
  }

  /** The tickets held by the device or created on it, oldest first. */
  all(): TicketView[] {
    const { replica, outbox } = this.#ledger
    const created = outbox.all().filter((entry) => entry.command.name === 'ticket.create')
    const ticketIds = new Set([...replica.ids(), ...created.flatMap((entry) => documentIdOf(entry.command) ?? [])])
    return [...ticketIds]
      .flatMap((ticketId) => this.findView(ticketId) ?? [])
      .toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
  }

  #predicted(ticketId: string): TicketView | null {
    const { replica, outbox, inbox, meta } = this.#ledger
    const { actor } = meta.value
    const value = replica.findValue(ticketId)
    const view = value === null ? null : ticketKind.view.parse(value)
    const commands = outbox.ofTicket(ticketId).flatMap(({ command }) => this.#waiting(command))
    if (actor === null || commands.length === 0) return view
    return predictAll(ticketKind, view, { commands, actor, held: inbox.parkedOf(ticketId) })
  }

  /** The command for predictions; empty for one that this version of the app does not know: the server judges it. */
  #waiting(command: MadeCommand): Waiting[] {
    const { name, input, group, at } = asToday(command)
    if (ticketKind.commands[name]?.input.safeParse(input).success !== true) return []
    return [{ name, input, group, at: serverTimeAt(at, this.#ledger.meta.value.contacts) }]
  }
}

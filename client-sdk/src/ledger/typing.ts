/**
 * Updates that people type into the texts of open documents, until they are a `text.write` in the outbox. Keystrokes
 * that meet a write under way wait together and become one command.
 */
import type * as Y from 'yjs'
import { TICKET_SHAPE } from '@rejoin/shared/tickets/shape.ts'
import { isTakenAtOnce, mergeUpdates } from '@rejoin/shared/sync/updates.ts'
import { MAX_COMMAND_BYTES, sizeOf } from './size.ts'
import type { Inbox } from './inbox.ts'
import type { Draft } from './journal.ts'
import type { Entry, Outbox } from './outbox.ts'
import { textUpdateOf, type MadeCommand, type Texts } from './records.ts'

interface Typed {
  readonly updates: Uint8Array[]
  /** The texts after the last update. */
  texts: Texts
}

export interface TypingPorts {
  readonly outbox: Outbox
  readonly inbox: Inbox
  readonly author: (name: 'text.write', input: unknown) => MadeCommand
  readonly serverNow: () => number
  readonly settle: (ticketId: string) => void
}

export class Typing {
  readonly #typed = new Map<string, Typed>()

  get isEmpty(): boolean {
    return this.#typed.size === 0
  }

  updatesOf(ticketId: string): readonly Uint8Array[] {
    return this.#typed.get(ticketId)?.updates ?? []
  }

  collect(ticketId: string, update: Uint8Array, transaction: Y.Transaction): void {
    const typed = this.#typed.get(ticketId) ?? { updates: [], texts: {} }
    typed.updates.push(update)
    typed.texts = { ...typed.texts, ...textsTouched(transaction) }
    this.#typed.set(ticketId, typed)
  }

  /** Turns all typed text into commands. Text typed while `draft` is being written waits for the next flush. */
  flush(draft: Draft, ports: TypingPorts): void {
    for (const [ticketId, typed] of this.#typed) {
      const count = typed.updates.length
      draft.after(() => {
        typed.updates.splice(0, count)
        if (typed.updates.length === 0) this.#typed.delete(ticketId)
      })
      this.#queue(draft, ports, ticketId, typed)
    }
  }

  #queue(draft: Draft, ports: TypingPorts, ticketId: string, { updates, texts }: Typed): void {
    const last = ports.outbox.ofTicket(ticketId).at(-1)
    const earlier = last === undefined ? null : openText(last)
    if (last !== undefined && earlier !== null) {
      const input = { ticketId, update: mergeUpdates([earlier, ...updates]) }
      const { id } = ports.author('text.write', input)
      const command = { ...last.command, id, input }
      if (sizeOf(command) <= MAX_COMMAND_BYTES && isTakenAtOnce(input.update)) {
        ports.outbox.replace(draft, last, command, texts)
        return
      }
    }
    const command = ports.author('text.write', { ticketId, update: mergeUpdates(updates) })
    if (sizeOf(command) <= MAX_COMMAND_BYTES) ports.outbox.add(draft, command, texts)
    else refuse(draft, ports, command, { ticketId, texts })
  }
}

/**
 * The update of an entry that more may be merged into: nothing of the ticket comes after it, and nobody has seen it.
 */
function openText(entry: Entry): Uint8Array | null {
  return entry.wasOffered ? null : textUpdateOf(entry.command)
}

/** Undoes an update on the device itself: it would never fit into a frame and would hold up all work after it. */
function refuse(
  draft: Draft,
  ports: TypingPorts,
  command: MadeCommand,
  { ticketId, texts }: { ticketId: string; texts: Texts },
): void {
  const message = 'The text is too large to send.'
  const verdict = { id: command.id, outcome: 'refused', code: 'too-large', message, hint: 'Shorten it.' } as const
  const now = ports.serverNow()
  ports.inbox.decide(draft, { command, text: texts }, verdict, { decidedAt: now, effectiveAt: now })
  draft.touchTicket(ticketId)
  draft.after(() => ports.settle(ticketId))
}

function textsTouched({ doc, changed }: Y.Transaction): Texts {
  const types = new Set<unknown>(changed.keys())
  const touched = TICKET_SHAPE.texts
    .map((name) => [name, doc.getText(name)] as const)
    .filter(([, text]) => types.has(text))
  return Object.fromEntries(touched.map(([name, text]) => [name, text.toJSON()]))
}

/**
 * When known devices were heard of, written down together once in a while: a transaction for each of a thousand devices
 * that come back in the morning would cost more than all else they ask. A note lost in a crash is made at the next contact.
 */
import { z } from 'zod'
import { Id } from '@rejoin/shared/tickets.ts'
import { command } from '../core/commit/command.ts'
import type { Commits } from '../core/commit/commit.ts'
import { SYSTEM_ID } from '../core/ids.ts'
import { updateRow } from '../core/prepared.ts'

export const Contact = z.object({
  id: Id,
  incarnation: z.int(),
  greetingCount: z.int(),
  greetingMark: z.int(),
  cursor: z.int(),
  skewMs: z.int(),
  oldestPendingAt: z.int().nullable(),
  lastSeenAt: z.int(),
})
export type Contact = z.infer<typeof Contact>

export class Contacts {
  readonly #commits: Commits
  readonly #noted = new Map<string, Contact>()

  constructor(commits: Commits) {
    this.#commits = commits
  }

  note(contact: Contact): void {
    this.#noted.set(contact.id, contact)
  }

  async write(): Promise<void> {
    if (this.#noted.size === 0) return
    const contacts = [...this.#noted.values()]
    this.#noted.clear()
    await this.#commits.commitOrThrow(noteContacts, { contacts }, { actorId: SYSTEM_ID })
  }
}

const noteContacts = command({
  name: 'device.contacts',
  input: z.object({ contacts: z.array(Contact) }),
  async run({ tx }, { contacts }) {
    for (const { id, ...contact } of contacts) updateRow(tx, 'device', { id }, contact)
  },
})

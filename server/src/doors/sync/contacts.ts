/**
 * The last contacts of known devices, written down together once in a while: a transaction for each of a thousand
 * devices that come back in the morning would cost more than all their other requests. A note lost in a crash is made
 * again at the next contact.
 */
import { sql } from 'kysely'
import { z } from 'zod'
import { Id } from '@rejoin/shared/values.ts'
import { command } from '../../core/command.ts'
import type { Commits } from '../../core/commit/commit.ts'
import type { Tx } from '../../core/storage/db.ts'
import { SYSTEM_ID } from '../../core/ids.ts'
import { updateRow } from '../../core/storage/prepared.ts'
import { lru } from '../../core/runtime/lru.ts'

export const Contact = z.object({
  id: Id,
  incarnation: z.int(),
  greetingCount: z.int(),
  greetingMark: z.int(),
  cursor: z.int(),
  skewMs: z.int(),
  oldestPendingAt: z.int().nullable(),
  lastSeenAt: z.int(),
  seenFrom: z.int(),
})
export type Contact = z.infer<typeof Contact>

/**
 * Devices whose `seenFrom` is known up to the moment; that of others is as of the last contact that was written down.
 */
const MAX_KNOWN = 20_000

export class Contacts {
  readonly #commits: Commits
  readonly #noted = new Map<string, Contact>()
  /** When devices that have no other note were last connected. */
  readonly #left = new Map<string, number>()
  readonly #seenFrom = lru<string, number>(MAX_KNOWN)

  constructor(commits: Commits) {
    this.#commits = commits
  }

  note(contact: Contact): void {
    this.#noted.set(contact.id, contact)
  }

  /** The device was connected until now, although it may have been silent for long. */
  left(id: string, at: number): void {
    this.#left.set(id, at)
  }

  /** The position before which none of the device's outstanding work was made; `written` is the value of its row. */
  seenFrom(id: string, written: number): number {
    return Math.max(written, this.#seenFrom.get(id) ?? 0)
  }

  /** All work of the device from before `position` is judged; `at` is now, and `written` is the value of its row. */
  hasSeen(id: string, position: number, { at, written }: { at: number; written: number }): void {
    if (position <= this.seenFrom(id, written)) return
    this.#seenFrom.set(id, position)
    if (!this.#noted.has(id)) this.#left.set(id, at)
  }

  async write(): Promise<void> {
    if (this.#noted.size + this.#left.size === 0) return
    const contacts = [...this.#noted.values()].map((each) => ({
      ...each,
      seenFrom: this.seenFrom(each.id, each.seenFrom),
    }))
    const left = [...this.#left].map(([id, lastSeenAt]) => ({ id, lastSeenAt, seenFrom: this.seenFrom(id, 0) }))
    this.#noted.clear()
    this.#left.clear()
    await this.#commits.commitOrThrow(noteContacts, { contacts, left }, { actorId: SYSTEM_ID })
  }
}

const noteContacts = command({
  name: 'device.contacts',
  input: z.object({
    contacts: z.array(Contact),
    left: z.array(Contact.pick({ id: true, lastSeenAt: true, seenFrom: true })),
  }),
  async run({ tx, now }, { contacts, left }) {
    // A time noted by a clock that was ahead, and is right since, is no later than now.
    const settled = <Seen extends { lastSeenAt: number }>(seen: Seen): Seen => ({
      ...seen,
      lastSeenAt: Math.min(seen.lastSeenAt, now),
    })
    for (const { id, ...contact } of contacts) updateRow(tx, 'device', { id }, settled(contact))
    for (const { id, ...contact } of left) await leave(tx, id, settled(contact))
  },
})

/** Keeps a later value of the row. */
async function leave(tx: Tx, id: string, contact: Pick<Contact, 'lastSeenAt' | 'seenFrom'>): Promise<void> {
  const latest = (column: keyof typeof contact) => sql<number>`max(${sql.ref(column)}, ${contact[column]})`
  await tx
    .updateTable('device')
    .set({ lastSeenAt: latest('lastSeenAt'), seenFrom: latest('seenFrom') })
    .where('id', '=', id)
    .execute()
}

/** The laws that must hold after every test: checked when its world is disposed. */
import { sql } from 'kysely'
import { expect } from 'vitest'
import * as Y from 'yjs'
import { audienceOf, scopeKeysOf } from '@rejoin/shared/access/audience.ts'
import { DELIVERABLE_BYTES } from '@rejoin/shared/budgets.ts'
import { documentValue } from '@rejoin/shared/sync/document.ts'
import { TICKET_SHAPE } from '@rejoin/shared/tickets/shape.ts'
import type { Verdict } from '@rejoin/shared/sync/verdicts.ts'
import { getActor } from '@rejoin/server/slices/accounts/queries.ts'
import type { App } from '@rejoin/server/app.ts'
import { audienceNow } from '@rejoin/server/core/documents/audience.ts'
import { findState } from '@rejoin/server/core/documents/state.ts'
import { findFormer } from '@rejoin/server/core/documents/generations.ts'
import { driftOf } from '@rejoin/server/slices/sla/clocks/recompute.ts'
import { getTicket } from '@rejoin/server/slices/tickets/queries.ts'
import { oddEvents } from './events.ts'
import type { Field, Person } from './world.ts'

/** A device and whose it is. */
type Owned = Pick<Field, 'pending' | 'verdicts' | 'held' | 'replica'> & { readonly person: Pick<Person, 'id' | 'name'> }

export async function checkLaws(app: App, devices: readonly Owned[]): Promise<void> {
  await checkForeignKeys(app)
  await checkEvents(app)
  await checkDocuments(app)
  await checkClocks(app)
  await checkOutboxes(app, devices)
  for (const device of devices) await checkReplica(app, device)
}

async function checkForeignKeys({ db }: App): Promise<void> {
  const { rows } = await sql`pragma foreign_key_check`.execute(db.writer)
  expect(rows, 'foreign keys hold').toEqual([])
}

async function checkEvents({ read }: App): Promise<void> {
  expect(await oddEvents(read), 'each event and each audited fact is as its slice declares it').toEqual([])
}

/** Derived state equals its rebuild: clocks from the log. */
async function checkClocks({ read, now }: App): Promise<void> {
  for (const { id } of await read.selectFrom('ticket').select('id').execute()) {
    expect(driftOf(read, id, now()), `the clocks of ${id} follow from its log`).toEqual([])
  }
}

/** Derived state equals its rebuild: documents from rows, audiences from the access table. */
async function checkDocuments({ kinds, read }: App): Promise<void> {
  for (const { id } of await read.selectFrom('ticket').select('id').execute()) {
    const ticket = getTicket(read, id)
    const projection = kinds.projection(read, id)
    const rebuilt = {
      ...projection?.fields,
      ...projection?.lists,
      description: ticket.description,
      notes: ticket.notes,
    }
    expect(await storedValue(read, id), `the document of ${ticket.number} equals its rows`).toEqual(rebuilt)
    const former = findFormer(read, id, TICKET_SHAPE)
    if (former !== null) {
      const { description, notes } = documentValue(former, TICKET_SHAPE)
      expect({ description, notes }, `the former texts of ${ticket.number}`).toMatchObject({
        description: ticket.description,
        notes: ticket.notes,
      })
    }
    expect(new Set(audienceNow(read, id)), `the audience of ${ticket.number}`).toEqual(new Set(audienceOf(ticket)))
  }
}

/**
 * Every command that a device queued ended with one verdict, and that is the stored one; a server that was restored may
 * have lost verdicts of commands that had changed nothing.
 */
async function checkOutboxes({ read }: App, devices: readonly Owned[]): Promise<void> {
  for (const device of devices) {
    expect(device.pending(), `nothing of ${device.person.name} is undecided`).toEqual([])
    for (const { id, outcome, code } of device.verdicts()) {
      const receipt = await read.selectFrom('receipt').select('outcome').where('id', '=', id).executeTakeFirst()
      if (receipt === undefined && changedNothing({ outcome, code })) continue
      expect(receipt?.outcome, `the receipt of a command of ${device.person.name}`).toBe(outcome)
    }
  }
}

/** Whether a command left no effect: it was refused, or its effect was there already. */
export function changedNothing({ outcome, code = '' }: Pick<Verdict, 'outcome' | 'code'>): boolean {
  return outcome === 'refused' || ['already-done', 'added-meanwhile'].includes(code)
}

/** The device holds exactly its scope, and each replica equals the server's document as JSON. */
async function checkReplica({ read }: App, device: Owned): Promise<void> {
  const keys = scopeKeysOf(getActor(read, device.person.id))
  const rows = await read
    .selectFrom('audience')
    .select('documentId')
    .distinct()
    .where('key', 'in', keys.length === 0 ? [''] : keys)
    .where('toSeq', 'is', null)
    .execute()
  const inScope = rows.map(({ documentId }) => documentId)
  // A document too large for any frame is on no device.
  const scope = inScope.filter((id) => (findState(read, id)?.length ?? 0) <= DELIVERABLE_BYTES)
  expect(device.held().toSorted(), `${device.person.name} holds exactly their scope`).toEqual(scope.toSorted())
  for (const id of scope) {
    expect(device.replica(id), `${device.person.name}'s replica of ${id}`).toEqual(await storedValue(read, id))
  }
}

async function storedValue(read: App['read'], id: string): Promise<unknown> {
  const state = findState(read, id)
  const doc = new Y.Doc()
  if (state !== null) Y.applyUpdate(doc, state)
  return documentValue(doc, TICKET_SHAPE)
}

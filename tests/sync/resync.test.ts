/** Typing that builds on what the server does not have: the device takes the document again and starts from there. */
import { expect, it } from 'vitest'
import { OUTBOX_PREFIX, type OutboxRecord } from '@rejoin/client-sdk/ledger/records.ts'
import { memoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import * as Y from 'yjs'
import { startWorld } from '../harness/world.ts'

it('answers it with the document, keeps the words as plain text, and takes what is typed next', async () => {
  await using world = await startWorld()
  const store = memoryStore()
  const ada = await world.device(await world.person('ada', 'agent'), store)
  const { id } = await world.ticket({ assignee: ada.person, description: 'It jams.' })
  await ada.rejoin()
  ada.disconnect()
  ada.text(id, 'notes').insert(0, 'First. ')
  ada.text(id, 'notes').insert('First. '.length, 'Second. ')
  await ada.flush()
  await ada.close()

  const broken = memoryStore(store.entries().map(([key, value]) => [key, withoutBeginning(key, value)]))
  const again = await world.device(ada.person, broken)
  expect(again.inbox()).toMatchObject([
    { name: 'text.write', outcome: 'refused', code: 'missing-dependencies', text: { notes: 'First. Second. ' } },
  ])
  expect(again.replica(id)).toMatchObject({ notes: '', description: 'It jams.' })

  again.text(id, 'notes').insert(0, again.inbox()[0]?.text?.notes ?? '')
  await again.settled()
  const { notes } = await ada.person.api.tickets.get.query({ ticketId: id })
  expect(notes).toBe('First. Second. ')
})

it('resends to a device on a live socket, beside which its other work goes through', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const { id } = await world.ticket({ assignee: ada.person, description: 'It jams.' })
  await ada.rejoin()
  const doc = new Y.Doc()
  doc.getText('notes').insert(0, 'Never sent. ')
  const before = Y.encodeStateVector(doc)
  doc.getText('notes').insert('Never sent. '.length, 'Sent.')
  await ada.send('text.write', { ticketId: id, update: Y.encodeStateAsUpdate(doc, before) })
  await ada.tickets.comment({ ticketId: id, body: 'Looked at it' })
  await ada.settled()
  expect(ada.state).toBe('live')
  expect(ada.verdicts()).toMatchObject([
    { name: 'text.write', outcome: 'refused', code: 'missing-dependencies' },
    { name: 'comment.add', outcome: 'applied' },
  ])
  ada.text(id, 'notes').insert(0, 'Typed after')
  await ada.settled()
  expect((await ada.person.api.tickets.get.query({ ticketId: id })).notes).toBe('Typed after')
})

/** The queued typing without the first of what it inserts, as a damaged store might hold it. */
function withoutBeginning(key: string, value: unknown): unknown {
  if (!key.startsWith(OUTBOX_PREFIX)) return value
  const record = value as OutboxRecord & { command: { input: { update: Uint8Array } } }
  const { input } = record.command
  const [struct] = Y.decodeUpdate(input.update).structs
  const clientId = struct?.id.client ?? 0
  const update = Y.diffUpdate(input.update, Y.encodeStateVector(new Map([[clientId, 'First. '.length]])))
  return { ...record, command: { ...record.command, input: { ...input, update } } }
}

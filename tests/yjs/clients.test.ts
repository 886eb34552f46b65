/** Stock Yjs clients: what they type merges, what they write into fields is judged, and nobody takes another's name. */
import { expect, it } from 'vitest'
import { Editor } from '../harness/editor.ts'
import { startWorld, until, type World } from '../harness/world.ts'

async function events(world: World, ticketId: string, type: string): Promise<unknown[]> {
  const rows = await world.app.read
    .selectFrom('event')
    .select('payload')
    .where('subjectId', '=', ticketId)
    .where('type', '=', type)
    .orderBy('id')
    .execute()
  return rows.map(({ payload }) => JSON.parse(payload) as unknown)
}

it('merges what two editors typed offline', async () => {
  await using world = await startWorld()
  const supervisor = await world.person('sue', 'supervisor')
  const admin = await world.desk()
  const { id } = await world.ticket({ description: 'The printer is broken.' })
  using first = await Editor.open(world, supervisor, id)
  using second = await Editor.open(world, admin, id)
  first.disconnect()
  second.disconnect()
  first.description.insert(0, 'Since Monday: ')
  second.description.insert(second.description.length, ' It says 🖨️ E5.')
  await first.connect()
  await second.connect()

  const whole = 'Since Monday: The printer is broken. It says 🖨️ E5.'
  await first.until(() => first.description.toJSON() === whole)
  await second.until(() => second.description.toJSON() === whole)
  expect(first.value).toEqual(second.value)
  expect(await admin.api.tickets.get.query({ ticketId: id })).toMatchObject({ description: whole })
})

it('writes back and reports what the rules refuse', async () => {
  await using world = await startWorld()
  const { id } = await world.ticket()
  using writer = await Editor.open(world, await world.person('sue', 'supervisor'), id)
  using reader = await Editor.open(world, await world.desk(), id)
  const seen: unknown[] = []
  reader.fields.observe(() => seen.push(reader.fields.get('status')))
  writer.fields.set('status', 'closed')
  await writer.until(() => writer.verdicts.length > 0)
  await writer.until(() => writer.fields.get('status') === 'open')
  await reader.until(() => seen.length > 0)

  expect(writer.verdicts).toMatchObject([{ field: 'status', outcome: 'refused', code: 'no-path' }])
  expect(reader.verdicts).toEqual([])
  expect(new Set(seen)).toEqual(new Set(['open']))
  expect(reader.value).toEqual(writer.value)
  expect(await events(world, id, 'ticket-status-changed')).toEqual([])
})

it('refuses to an editor what would park for a device, so nobody waits for a decision', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const desk = await world.desk()
  const { id } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.transition({ ticketId: id, to: 'on_hold', reason: 'No parts' })
  await desk.api.tickets.cancel.mutate({ ticketId: id })
  using editor = await Editor.open(world, desk, id)
  editor.doc.transact(() => {
    editor.fields.set('status', 'on_hold')
    editor.fields.set('statusReason', 'No parts')
  })
  await editor.until(() => editor.verdicts.length > 0)
  await ada.rejoin()

  expect(editor.verdicts).toMatchObject([{ field: 'status', outcome: 'refused', code: 'no-path' }])
  expect(ada.verdicts()).toMatchObject([{ outcome: 'parked', code: 'no-path' }])
  expect(await desk.api.parked.list.query()).toMatchObject([{ actorName: 'ada' }])
})

it('refuses a field to somebody who may only watch', async () => {
  await using world = await startWorld()
  const watcher = await world.person('wes', 'agent', ['elsewhere'])
  const { id } = await world.ticket()
  const admin = await world.desk()
  await admin.api.tickets.watch.mutate({ ticketId: id, userId: watcher.id })
  using writer = await Editor.open(world, watcher, id)
  using reader = await Editor.open(world, admin, id)
  writer.fields.set('priority', 'urgent')
  await writer.until(() => writer.verdicts.length > 0)
  await writer.until(() => writer.fields.get('priority') === 'medium')
  await reader.until(() => reader.fields.get('priority') === 'medium')

  expect(writer.verdicts).toMatchObject([{ field: 'priority', outcome: 'refused', code: 'forbidden' }])
  expect(await events(world, id, 'ticket-edited')).toEqual([])
})

it('turns what the rules accept into events, which reach a device', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const { id } = await world.ticket({ assignee: ada.person })
  using writer = await Editor.open(world, ada.person, id)
  writer.doc.transact(() => {
    writer.fields.set('priority', 'high')
    writer.fields.set('title', '  Printer on fire ')
  })
  writer.fields.set('status', 'in_progress')
  await until(ada, () => ada.view(id)?.status === 'in_progress')
  await writer.until(() => writer.fields.get('title') === 'Printer on fire')

  expect(ada.view(id)).toMatchObject({ priority: 'high', title: 'Printer on fire', status: 'in_progress' })
  expect(writer.verdicts.map(({ field, outcome }) => [field, outcome])).toEqual([
    ['priority', 'applied'],
    ['title', 'applied'],
    ['status', 'applied'],
  ])
  expect(await events(world, id, 'ticket-edited')).toMatchObject([
    { from: { priority: 'medium' }, to: { priority: 'high' } },
    { from: { title: 'Printer' }, to: { title: 'Printer on fire' } },
  ])
})

it('writes back what was adjusted, and what makes no sense alone', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const { id } = await world.ticket({ assignee: ada.person })
  using writer = await Editor.open(world, ada.person, id)
  await ada.tickets.transition({ ticketId: id, to: 'in_progress' })
  await ada.settled()
  writer.doc.transact(() => {
    writer.fields.set('status', 'in_progress')
    writer.fields.set('statusReason', 'Because.')
  })
  await writer.until(() => writer.verdicts.length === 1)
  writer.fields.set('resolution', 'Done.')
  writer.fields.delete('title')
  await writer.until(() => writer.verdicts.length === 3)
  await writer.until(() => writer.fields.get('title') === 'Printer')

  expect(writer.verdicts).toMatchObject([
    { field: 'status', outcome: 'adjusted', code: 'already-done' },
    { field: 'resolution', outcome: 'refused', code: 'invalid' },
    { field: 'title', outcome: 'refused', code: 'invalid' },
  ])
  expect(writer.value).toMatchObject({ status: 'in_progress', statusReason: null, resolution: null })
})

it('takes a written list of tags for a command for each tag that is new or gone', async () => {
  await using world = await startWorld()
  const admin = await world.desk()
  const { id } = await world.ticket({ tags: ['lab', 'old'] })
  using editor = await Editor.open(world, admin, id)
  editor.fields.set('tags', ['vip', 'lab'])
  await editor.until(() => editor.verdicts.length > 0)

  expect(editor.verdicts).toMatchObject([{ field: 'tags', outcome: 'applied' }])
  expect(await admin.api.tickets.get.query({ ticketId: id })).toMatchObject({ tags: ['lab', 'vip'] })
  expect(await events(world, id, 'tag-added')).toEqual([{ tag: 'vip' }])
  expect(await events(world, id, 'tag-removed')).toEqual([{ tag: 'old' }])
  await editor.until(() => JSON.stringify(editor.fields.get('tags')) === '["lab","vip"]')
})

it('judges what an editor wrote offline, also where Yjs prefers a concurrent value', async () => {
  await using world = await startWorld()
  const supervisor = await world.person('sue', 'supervisor')
  const { id } = await world.ticket()
  using left = await Editor.open(world, supervisor, id)
  using right = await Editor.open(world, supervisor, id)
  // Of two concurrent values of a key, Yjs keeps the one of the higher client id.
  const [preferred, other] = left.doc.clientID > right.doc.clientID ? [left, right] : [right, left]
  preferred.disconnect()
  other.disconnect()
  preferred.fields.set('title', 'Preferred by Yjs')
  other.fields.set('title', 'Judged later')
  await preferred.connect()
  await preferred.until(() => preferred.verdicts.length > 0)
  await other.connect()
  await other.until(() => other.verdicts.length > 0)
  await other.until(() => other.fields.get('title') === 'Judged later')
  await preferred.until(() => preferred.fields.get('title') === 'Judged later')

  expect([...preferred.verdicts, ...other.verdicts].map(({ outcome }) => outcome)).toEqual(['applied', 'applied'])
})

it('carries text between an editor and a device', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const { id } = await world.ticket({ assignee: ada.person, description: 'Printer.' })
  await ada.rejoin()
  using editor = await Editor.open(world, ada.person, id)
  const text = ada.text(id, 'description')
  editor.description.insert(0, 'The ')
  await until(ada, () => text.toJSON() === 'The Printer.')
  text.insert(text.length, ' Again.')
  await ada.settled()
  await editor.until(() => editor.description.toJSON() === 'The Printer. Again.')

  expect(editor.value).toEqual(ada.replica(id))
})

it('shows who is there under the name that the server knows', async () => {
  await using world = await startWorld()
  const supervisor = await world.person('sue', 'supervisor')
  const { id } = await world.ticket()
  using impostor = await Editor.open(world, supervisor, id)
  using reader = await Editor.open(world, await world.desk(), id)
  impostor.provider.awareness.setLocalState({ user: { id: 'office', name: 'office', color: 'red' }, cursor: 3 })
  const state = () => reader.provider.awareness.getStates().get(impostor.doc.clientID)
  await reader.until(() => state()?.['cursor'] === 3)

  expect(state()).toEqual({ user: { id: supervisor.id, name: 'sue', color: 'red' }, cursor: 3 })
})

it('shows somebody again who left and came back, and reports to them again', async () => {
  await using world = await startWorld()
  const { id } = await world.ticket()
  using traveller = await Editor.open(world, await world.person('sue', 'supervisor'), id)
  using reader = await Editor.open(world, await world.desk(), id)
  await reader.until(() => reader.others.includes('sue'))
  traveller.fields.set('status', 'closed')
  await traveller.until(() => traveller.verdicts.length === 1)
  traveller.disconnect()
  await reader.until(() => reader.others.length === 0)
  await traveller.connect()
  await reader.until(() => reader.others.includes('sue'))
  await traveller.until(() => traveller.others.includes('office'))
  traveller.fields.set('status', 'closed')
  await traveller.until(() => traveller.verdicts.length === 2)

  expect(reader.others).toEqual(['sue'])
})

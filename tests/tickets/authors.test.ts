/** The author of each part of a text: from devices, editors, the API, and the requester who opened the ticket. */
import { expect, it } from 'vitest'
import { openDevice } from '@rejoin/client-sdk/open-device.ts'
import { memoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { v7 } from 'uuid'
import { RawEditor } from '../doors/editor.ts'
import { startWorld } from '../harness/world.ts'

const WRITTEN = 'It jams. Room 12, often. Urgent!'

/** A requester, an agent on a device, a colleague in an editor and the desk write one description together. */
async function writeTogether() {
  const world = await startWorld()
  const [ada] = await world.agents('ada')
  const rita = await world.person('rita', 'requester')
  const sue = await world.person('sue', 'supervisor')
  const office = await world.desk()
  const ticketId = v7()
  await rita.api.tickets.create.mutate({ ticketId, title: 'Printer', description: 'It jams.' })
  await office.api.tickets.move.mutate({ ticketId, departmentId: await world.department('support') })
  await office.api.tickets.assign.mutate({ ticketId, agentId: ada.person.id })
  await ada.rejoin()
  ada.text(ticketId, 'description').insert('It jams.'.length, ' Room 12.')
  ada.text(ticketId, 'notes').insert(0, 'Third time this month')
  await ada.settled()
  const editor = await RawEditor.open(world.url, ticketId, sue.token)
  await editor.write((doc) => doc.getText('description').insert('It jams. Room 12'.length, ', often'))
  await editor.close()
  await office.api.tickets.edit.mutate({ ticketId, set: { description: WRITTEN } })
  return { world, ticketId, ada, rita, sue, office }
}

it('tells who wrote which part, and on which device', async () => {
  const { world, ticketId, ada, rita, sue, office } = await writeTogether()
  await using _world = world
  const nameOf = ({ id, name }: { id: string; name: string }) => ({ id, name })
  const device = { id: ada.id, name: null }
  expect(await office.api.tickets.authors.query({ ticketId })).toEqual({
    description: [
      { text: 'It jams.', person: nameOf(rita), device: null },
      { text: ' Room 12', person: nameOf(ada.person), device },
      { text: ', often', person: nameOf(sue), device: null },
      { text: '.', person: nameOf(ada.person), device },
      { text: ' Urgent!', person: nameOf(office), device: null },
    ],
    notes: [{ text: 'Third time this month', person: nameOf(ada.person), device }],
  })
})

it('tells requesters of the description alone, and of no devices', async () => {
  const { world, ticketId, rita } = await writeTogether()
  await using _world = world
  const { description, notes } = await rita.api.tickets.authors.query({ ticketId })
  expect(notes).toEqual([])
  expect(description.map(({ text, person }) => [person?.name, text])).toEqual([
    ['rita', 'It jams.'],
    ['ada', ' Room 12'],
    ['sue', ', often'],
    ['ada', '.'],
    ['office', ' Urgent!'],
  ])
  expect(description.every(({ device }) => device === null)).toBe(true)
})

it('keeps the authors over restarts of the server, which writes under another id each time', async () => {
  const { world, ticketId, office } = await writeTogether()
  await using _world = world
  const before = await office.api.tickets.authors.query({ ticketId })
  await world.restart()
  expect(await office.api.tickets.authors.query({ ticketId })).toEqual(before)
  await office.api.tickets.edit.mutate({ ticketId, set: { description: `${WRITTEN}!!` } })
  const { description } = await office.api.tickets.authors.query({ ticketId })
  expect(description.at(-1)).toMatchObject({ text: ' Urgent!!!', person: { name: 'office' } })
})

it('knows who wrote on a device that was offline from its birth', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const device = await openDevice({ url: world.url, token: ada.token, store: memoryStore() })
  const { ticketId } = await device.tickets.create({ title: 'Printer', description: 'Seen on site' })
  device.connect()
  await device.settled()
  await device.close()
  await ada.api.tickets.claim.mutate({ ticketId })
  const { description } = await ada.api.tickets.authors.query({ ticketId })
  expect(description).toMatchObject([{ text: 'Seen on site', person: { name: 'ada' }, device: { id: device.id } }])
})

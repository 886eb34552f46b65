/** Halves of surrogate pairs: taken as U+FFFD through every door, and every replica shows the same afterwards. */
import { expect, it } from 'vitest'
import { v7 } from 'uuid'
import { RawEditor } from '../doors/editor.ts'
import { exchangeByPost } from '../doors/exchange.ts'
import { startWorld, until } from '../harness/world.ts'

const HALF = '\uD83D'
const TAKEN = 'a\uFFFDb'

async function twoAgents() {
  const world = await startWorld()
  const [ada, bob] = await world.agents('ada', 'bob')
  const { id } = await world.ticket({ assignee: ada.person, description: '' })
  await ada.tickets.watch({ ticketId: id })
  await bob.rejoin()
  await ada.rejoin()
  const office = await world.desk()
  await office.api.tickets.watch.mutate({ ticketId: id, userId: bob.person.id })
  await bob.rejoin()
  return { world, ada, bob, id, office }
}

it('takes a half that is typed on a device, and the device shows what everybody has', async () => {
  const { world, ada, bob, id } = await twoAgents()
  await using _world = world
  ada.text(id, 'description').insert(0, `a${HALF}b`)
  await ada.settled()
  await until(ada, () => ada.replica(id)?.['description'] === TAKEN)
  await until(bob, () => bob.replica(id)?.['description'] === TAKEN)
  expect(ada.verdicts()).toMatchObject([{}, { name: 'text.write', outcome: 'applied' }])
  expect(ada.text(id, 'description').toJSON()).toBe(TAKEN)
})

it('takes a half that is typed in an editor, and the editor shows what everybody has', async () => {
  const { world, bob, ada, id } = await twoAgents()
  await using _world = world
  const editor = await RawEditor.open(world.url, id, ada.person.token)
  await editor.write((doc) => {
    doc.getText('description').insert(0, `a${HALF}b`)
    doc.getMap('fields').set('title', `a${HALF}b`)
  })
  expect(editor.closed).toBeNull()
  await until(bob, () => bob.replica(id)?.['description'] === TAKEN)
  await editor.fence()
  expect(editor.value()).toMatchObject({ description: TAKEN, title: TAKEN })
  expect(bob.replica(id)).toMatchObject({ description: TAKEN, title: TAKEN })
  await editor.close()
})

it('takes apart a pair of which somebody deletes half, everywhere alike', async () => {
  const { world, ada, bob, id } = await twoAgents()
  await using _world = world
  ada.text(id, 'description').insert(0, 'a\u{1F600}b')
  await ada.settled()
  await until(bob, () => bob.replica(id)?.['description'] === 'a\u{1F600}b')
  ada.text(id, 'description').delete(1, 1)
  await ada.settled()
  await until(bob, () => bob.replica(id)?.['description'] === TAKEN)
  expect(ada.replica(id)).toEqual(bob.replica(id))
})

it('takes halves in plain texts, by the API, from a device, and by POST', async () => {
  const { world, ada, id, office } = await twoAgents()
  await using _world = world
  await office.api.tickets.edit.mutate({ ticketId: id, set: { description: `a${HALF}b`, title: `a${HALF}b` } })
  await ada.tickets.comment({ ticketId: id, body: `a${HALF}b` })
  await ada.settled()
  const input = { ticketId: id, commentId: v7(), body: `a${HALF}b` }
  await exchangeByPost(world.url, ada.person.token, [{ name: 'comment.add', input }])
  const ticket = await office.api.tickets.get.query({ ticketId: id })
  expect(ticket).toMatchObject({ description: TAKEN, title: TAKEN, comments: [{ body: TAKEN }, { body: TAKEN }] })
})

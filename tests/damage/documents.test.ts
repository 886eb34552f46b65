/** A document that is damaged on the disk costs only itself: it is rebuilt from its rows, and everybody converges. */
import { expect, it } from 'vitest'
import { createLog } from '@rejoin/server/core/runtime/log.ts'
import { readiness } from '@rejoin/server/operations/health/readiness.ts'
import { RawEditor } from '../doors/editor.ts'
import { startWorld } from '../harness/world.ts'
import { DAY, staySignedIn } from '../sync/growth/churn.ts'
import { spoilt, whileRunning, whileStopped, type Way } from './damaged.ts'

const lines: string[] = []
const log = createLog('error', { write: (line) => void lines.push(line) })

/** Two tickets in a department with two devices, one of which is away; the first has a state and a tail. */
async function department() {
  lines.length = 0
  const world = await startWorld({ log })
  const [ada, bob] = await world.agents('ada', 'bob')
  const { id } = await world.ticket({ title: 'Printer', description: 'Paper jam.' })
  const other = await world.ticket({ title: 'Scanner' })
  await world.converge()
  ada.text(id, 'notes').insert(0, 'Ask at the gate.')
  await ada.settled()
  bob.disconnect()
  await ada.tickets.comment({ ticketId: id, body: 'On my way' })
  await ada.tickets.comment({ ticketId: other.id, body: 'Later' })
  await ada.settled()
  return { world, ada, bob, id, other: other.id }
}

const PARTS = {
  'the state': (id: string, way: Way) =>
    `update document set state = ${spoilt('state', way, 'blob')} where id = '${id}'`,
  'the first update of the log': (id: string, way: Way) =>
    `update documentUpdate set "update" = ${spoilt('update', way, 'blob')}
     where documentId = '${id}' and seq = (select min(seq) from documentUpdate where documentId = '${id}' and seq > (select stateSeq from document where id = '${id}'))`,
  'the last update of the log': (id: string, way: Way) =>
    `update documentUpdate set "update" = ${spoilt('update', way, 'blob')}
     where documentId = '${id}' and seq = (select max(seq) from documentUpdate where documentId = '${id}')`,
  'every update of the log': (id: string, way: Way) =>
    `update documentUpdate set "update" = ${spoilt('update', way, 'blob')} where documentId = '${id}'`,
}
const GONE = {
  'the state is gone': (id: string) => `delete from document where id = '${id}'`,
  'what is stored has no checksum, and is cut short': (id: string) =>
    `update document set sum = null, state = ${spoilt('state', 'cut short', 'blob')} where id = '${id}'`,
  'the sum is another one': (id: string) => `update document set sum = 1 where id = '${id}'`,
}

const damages = [
  ...Object.entries(PARTS).flatMap(([what, change]) =>
    (['cut short', 'garbled', 'emptied'] as const).map((way) => ({
      what: `${what} is ${way}`,
      change: (id: string) => change(id, way),
    })),
  ),
  ...Object.entries(GONE).map(([what, change]) => ({ what, change })),
]

/** The remaining updates do not show the loss, but the rows do. */
const unseen = {
  what: 'updates of the log are gone',
  change: (id: string) => `delete from documentUpdate where documentId = '${id}'`,
}

const TEXTS = { description: 'Paper jam.', notes: 'Ask at the gate.' }

it.each(damages)('delivers everything, the damaged one rebuilt, when $what', async ({ change }) => {
  const { world, ada, bob, id, other } = await department()
  await using _world = world
  await whileStopped(world, change(id))
  const cem = await world.device(await world.person('cem', 'agent'))
  expect(cem.view(other)).toMatchObject({ title: 'Scanner', comments: [{ body: 'Later' }] })
  await bob.rejoin()
  await ada.rejoin()
  for (const device of [ada, bob, cem]) {
    expect(device.problem).toBe(null)
    expect(device.view(id)).toMatchObject({ ...TEXTS, comments: [{ body: 'On my way' }] })
  }
  await ada.tickets.edit({ ticketId: id, set: { title: 'Printer, third floor' } })
  ada.text(id, 'notes').insert(0, 'Closed at noon. ')
  await ada.settled()
  await world.converge()
  expect(bob.view(id)).toMatchObject({ title: 'Printer, third floor', notes: 'Closed at noon. Ask at the gate.' })
})

it.each([...damages, unseen])('judges what comes first on the damaged one as ever, when $what', async ({ change }) => {
  const { world, bob, id } = await department()
  await using _world = world
  await bob.tickets.comment({ ticketId: id, body: 'From the road' })
  bob.text(id, 'notes').insert('Ask at the gate'.length, ' or inside')
  await bob.tickets.edit({ ticketId: id, set: { priority: 'high' } })
  await whileRunning(world, change(id))
  const { api } = await world.desk()
  const { outcome } = await api.tickets.edit.mutate({ ticketId: id, set: { description: 'Paper jam, again.' } })
  expect(outcome).toBe('applied')
  await bob.rejoin()
  const outcomes = bob.verdicts().map(({ name, outcome: verdict }) => [name, verdict])
  expect(outcomes).toContainEqual(['comment.add', 'applied'])
  expect(outcomes).toContainEqual(['ticket.edit', 'applied'])
  const notes = bob.view(id)?.notes ?? ''
  const kept = bob.inbox().flatMap(({ text }) => text?.notes ?? [])
  expect([notes, ...kept].some((text) => text.includes('or inside'))).toBe(true)
  expect(bob.view(id)).toMatchObject({ description: 'Paper jam, again.', priority: 'high' })
})

it('tells the operator which one, once', async () => {
  const { world, ada, id } = await department()
  await using _world = world
  await whileRunning(world, PARTS['the state'](id, 'cut short'))
  await world.device(await world.person('cem', 'agent'))
  await ada.rejoin()
  const told = lines.filter((line) => line.includes('damaged'))
  expect(told).toHaveLength(1)
  expect(told[0]).toContain('The document of TKT-0001: damaged; rebuilt from the rows.')
  const says = 'The document of TKT-0001: damaged; rebuilt from the rows.'
  expect(await readiness(world.app, false)).toMatchObject({ ready: true, checks: { damage: { ok: false, says } } })
  expect(await (await fetch(`${world.url}/metrics`)).text()).toContain('rejoin_damages_total{kind="document"} 1')
})

it('keeps whose words the texts are, as far as they can be read', async () => {
  const { world, ada, id } = await department()
  await using _world = world
  await whileRunning(world, PARTS['the last update of the log'](id, 'cut short'))
  const { api } = await world.desk()
  await api.tickets.edit.mutate({ ticketId: id, set: { priority: 'high' } })
  const { notes } = await api.tickets.authors.query({ ticketId: id })
  expect(notes).toMatchObject([{ text: 'Ask at the gate.', person: { id: ada.person.id } }])
})

it('opens for an editor, and closes those that have what was lost', async () => {
  const { world, ada, id } = await department()
  await using _world = world
  const before = await RawEditor.open(world.url, id, ada.person.token)
  await whileRunning(world, PARTS['the state'](id, 'garbled'))
  const editor = await RawEditor.open(world.url, id, ada.person.token)
  expect(editor.value()).toMatchObject({ ...TEXTS, title: 'Printer' })
  await editor.write((doc) => doc.getText('notes').insert(0, 'Now: '))
  expect(editor.closed).toBe(null)
  await before.socket.until(() => before.closed !== null)
  expect(before.closed).toMatchObject({ code: 4403, reason: expect.stringContaining('superseded') })
  await editor.close()
})

it('does not stop the nightly work on the others', async () => {
  const { world, ada, bob, id, other } = await department()
  await using _world = world
  await whileRunning(world, PARTS['every update of the log'](id, 'garbled'))
  await staySignedIn(world)
  for (let day = 0; day < 33; day += 1) {
    await world.advance(DAY)
    await ada.tickets.comment({ ticketId: other, body: `Day ${day}` })
    await ada.settled()
  }
  expect(await (await fetch(`${world.url}/metrics`)).text()).not.toMatch(/rejoin_job_failures_total\{[^}]*\} [1-9]/)
  await bob.rejoin()
  expect(bob.view(id)).toMatchObject(TEXTS)
})

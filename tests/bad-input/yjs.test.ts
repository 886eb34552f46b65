/** Bad input at the editor's door: the connection ends with 4403 and the reason, and nothing is merged. */
import { v7 } from 'uuid'
import * as Y from 'yjs'
import { expect, it } from 'vitest'
import { contentOf } from '../doors/database.ts'
import { RawEditor } from '../doors/editor.ts'
import { RawSocket, type Closed } from '../doors/socket.ts'
import { BAD_UPDATES } from './updates.ts'
import { leavingNoTrace, setScene, type Scene } from './world.ts'

async function refusalOf(scene: Scene, update: Uint8Array): Promise<Closed | null> {
  const editor = await RawEditor.open(scene.world.url, scene.ticketId, scene.ada.token)
  await editor.sendUpdate(update)
  // Where something is missing it is asked for it, and answers.
  await editor.fence()
  if (editor.closed === null) await editor.close()
  return editor.closed
}

it('refuses every update that is none of an editor’s, each with its reason', async () => {
  const scene = await setScene()
  await using _world = scene.world
  await leavingNoTrace(scene, async () => {
    for (const [name, { update, code }] of Object.entries(BAD_UPDATES)) {
      const closed = await refusalOf(scene, update)
      const closeCode = code === 'missing-dependencies' ? 1013 : 4403
      expect([name, closed?.code, closed?.reason.split(':')[0]]).toEqual([name, closeCode, code])
    }
  })
})

const MESSAGES: Readonly<Record<string, Uint8Array | string>> = {
  'no bytes': new Uint8Array(0),
  'a kind of message there is none of': new Uint8Array([9, 1, 2]),
  'a kind of message that only servers send': new Uint8Array([2, 0, 1, 120]),
  'a step of the protocol there is none of': new Uint8Array([0, 7, 0]),
  'a message that promises more than there is': new Uint8Array([0, 2, 255, 255, 3, 1]),
  'a state vector that is none': new Uint8Array([0, 0, 2, 250, 250]),
  'awareness that is no JSON': new Uint8Array([1, 6, 1, 5, 1, 2, 123, 120]),
  'awareness that breaks off': new Uint8Array([1, 3, 9, 9, 9]),
  text: 'hello',
}

it('hangs up on every message that is none of the protocol', async () => {
  const scene = await setScene()
  await using world = scene.world
  await leavingNoTrace(scene, async () => {
    for (const [name, message] of Object.entries(MESSAGES)) {
      const socket = await RawSocket.open(world.url, `/yjs/${scene.ticketId}`, scene.ada.token)
      socket.send(message)
      const { code, reason } = await socket.end()
      expect([name, code, reason.split(':')[0]]).toEqual([name, 4403, 'malformed-frame'])
    }
  })
})

it('opens no ticket that is not there, not visible, or no ticket', async () => {
  const scene = await setScene()
  await using world = scene.world
  await leavingNoTrace(scene, async () => {
    for (const id of [v7(), scene.foreignId, 'TKT-0001', '%00', '..%2f..%2fhealthz', 'x'.repeat(5000)]) {
      const socket = await RawSocket.open(world.url, `/yjs/${id}`, scene.ada.token)
      const { code, reason } = await socket.end()
      expect([id, code, reason.split(':')[0]]).toEqual([id, 4403, 'not-found'])
    }
  })
})

it('takes no comment away', async () => {
  const scene = await setScene()
  await using _world = scene.world
  const { ada, ticketId } = scene
  await ada.api.tickets.comment.mutate({ ticketId, commentId: v7(), body: 'A fact' })
  const editor = await RawEditor.open(scene.world.url, ticketId, ada.token)
  await leavingNoTrace(scene, () => editor.write((doc) => doc.getArray('comments').delete(0)))
  expect(editor.closed).toMatchObject({ code: 4403, reason: expect.stringMatching(/^forbidden/) as string })
})

it('merges nothing of an update of which a part is refused', async () => {
  const scene = await setScene()
  await using _world = scene.world
  const editor = await RawEditor.open(scene.world.url, scene.ticketId, scene.ada.token)
  const write = (doc: Y.Doc) => {
    doc.getText('description').insert(0, 'Innocent')
    doc.getMap('fields').set('title', 'Innocent')
    doc.getMap('fields').set('number', 'TKT-9999')
  }
  await leavingNoTrace(scene, () => editor.write(write))
  expect(editor.closed?.code).toBe(4403)
})

it.each(['somebody else', 'the server'])('takes nothing that is written under the client id of %s', async (whose) => {
  const scene = await setScene()
  await using world = scene.world
  const desk = await world.desk()
  const author = await RawEditor.open(world.url, scene.ticketId, desk.token)
  await author.write((doc) => doc.getText('notes').insert(0, 'By the desk.'))
  const clientId = whose === 'the server' ? world.app.clientId : author.doc.clientID
  const forger = await RawEditor.open(world.url, scene.ticketId, scene.ada.token)
  forger.doc.clientID = clientId
  await leavingNoTrace(scene, () => forger.write((doc) => doc.getText('notes').insert(0, 'Not ')))
  expect(forger.closed).toMatchObject({ code: 4403, reason: expect.stringMatching(/^forged-author/) as string })
  await author.close()
})

it('takes nothing that builds on what it does not have', async () => {
  const scene = await setScene()
  await using _world = scene.world
  const doc = new Y.Doc()
  doc.getText('notes').insert(0, 'first')
  const afterFirst = Y.encodeStateVector(doc)
  doc.getText('notes').insert(5, ' second')
  const update = Y.encodeStateAsUpdate(doc, afterFirst)
  const closed = await leavingNoTrace(scene, () => refusalOf(scene, update))
  expect(closed).toMatchObject({ code: 1013, reason: expect.stringMatching(/^missing-dependencies/) as string })
})

it('shows a closed ticket, and lets nobody write into it', async () => {
  const scene = await setScene()
  await using world = scene.world
  const { ada, ticketId } = scene
  await ada.api.tickets.resolve.mutate({ ticketId, resolution: 'Done.' })
  await ada.api.tickets.close.mutate({ ticketId })
  const editor = await RawEditor.open(world.url, ticketId, ada.token)
  expect(editor.value()).toMatchObject({ status: 'closed' })
  await leavingNoTrace(scene, () => editor.write((doc) => doc.getText('description').insert(0, 'P.S.')))
  expect(editor.closed).toMatchObject({ code: 4403, reason: expect.stringMatching(/^conflict/) as string })

  await leavingNoTrace(scene, async () => {
    const edit = ada.api.tickets.edit.mutate({ ticketId, set: { description: 'P.S.' } })
    await expect(edit).rejects.toMatchObject({ data: { code: 'conflict' } })
  })
  const again = await RawEditor.open(world.url, ticketId, ada.token)
  await again.write((doc) => void doc.getMap('fields').set('description', 'P.S.'))
  expect(again.verdicts).toMatchObject([{ field: 'description', outcome: 'refused', code: 'conflict' }])
  expect(again.value()).toMatchObject({ description: '' })
  await again.close()
})

it('writes back a value that the rules refuse, whatever it is', async () => {
  const scene = await setScene()
  await using world = scene.world
  const editor = await RawEditor.open(world.url, scene.ticketId, scene.ada.token)
  const before = editor.value()
  const rows = { except: ['document', 'documentUpdate', 'revision', 'textClient'] }
  const stored = await contentOf(world.app, rows)
  const values: Record<string, unknown> = {
    title: 5,
    status: 'finished',
    priority: { high: true },
    assigneeId: ['me'],
    departmentId: v7(),
    dueAt: -1,
    skills: 'all',
    custom: { 'not a name': 1 },
  }
  await editor.write((doc) => {
    for (const [field, value] of Object.entries(values)) doc.getMap('fields').set(field, value)
  })
  expect(editor.closed).toBeNull()
  expect(editor.verdicts.map(({ field }) => field).toSorted()).toEqual(Object.keys(values).toSorted())
  expect(new Set(editor.verdicts.map(({ outcome }) => outcome))).toEqual(new Set(['refused']))
  expect(editor.value()).toEqual(before)
  expect(await contentOf(world.app, rows)).toEqual(stored)
  expect(scene.faults).toEqual([])
  await editor.close()
})

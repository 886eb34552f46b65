/**
 * Random bytes, and frames that were good before some bytes of them changed, at both socket doors. The server may do
 * any frame that still makes sense; none may be a fault of the server, and the laws hold when the world is disposed. A
 * failure prints the seed and the smallest frame that fails.
 */
import * as fc from 'fast-check'
import { v7 } from 'uuid'
import * as Y from 'yjs'
import { expect, it } from 'vitest'
import { decodeFrame, encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import { ServerFrame } from '@rejoin/shared/sync/wire.ts'
import { awarenessUpdate, encodeAwareness, encodeStateVector, encodeUpdate } from '@rejoin/server/doors/yjs/protocol.ts'
import { exchangeWith } from '../doors/exchange.ts'
import { RawEditor } from '../doors/editor.ts'
import { RawSocket } from '../doors/socket.ts'
import { setScene, type Scene } from './world.ts'

const SEED = 20_260_302
const RUNS = 300

type Bytes = Uint8Array<ArrayBuffer>

/** One change of some bytes: others in their place, fewer, or more. */
const edit = fc.record({
  at: fc.nat(),
  remove: fc.nat({ max: 4 }),
  insert: fc.uint8Array({ maxLength: 4 }),
})

function edited(bytes: Uint8Array, edits: readonly { at: number; remove: number; insert: Uint8Array }[]): Bytes {
  let result = [...bytes]
  for (const { at, remove, insert } of edits) {
    const start = at % (result.length + 1)
    result = [...result.slice(0, start), ...insert, ...result.slice(start + remove)]
  }
  return new Uint8Array(result)
}

/** Noise one time in four, else one of the good frames with something changed. */
function badFrames(good: readonly Uint8Array[]): fc.Arbitrary<Bytes> {
  const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array(bytes))
  const mutated = fc
    .tuple(fc.constantFrom(...good), fc.array(edit, { minLength: 1, maxLength: 3 }))
    .map(([bytes, edits]) => edited(bytes, edits))
  return fc.oneof({ weight: 1, arbitrary: noise }, { weight: 3, arbitrary: mutated })
}

function goodExchange({ ticketId, foreignId }: Scene) {
  const doc = new Y.Doc()
  doc.getText('description').insert(0, 'It hums. 🖨')
  return exchangeWith([
    { name: 'comment.add', input: { ticketId, commentId: v7(), body: 'Hello' } },
    { name: 'ticket.edit', input: { ticketId, set: { title: 'Plotter', priority: 'high', custom: { floor: 2 } } } },
    { name: 'text.write', input: { ticketId, update: Y.encodeStateAsUpdate(doc) } },
    { name: 'ticket.claim', input: { ticketId: foreignId } },
  ])
}

/** Sends a frame to the server, whose answer is never that it failed. */
async function exchange({ world, ada }: Scene, data: Bytes | string): Promise<void> {
  const socket = await RawSocket.open(world.url, '/sync', ada.token)
  socket.send(data)
  await socket.until(() => socket.messages.length > 0)
  const [answer] = socket.messages
  if (answer === undefined) throw new Error(`the server hung up without a word: ${socket.closed?.code}`)
  const frame = decodeFrame(ServerFrame, answer)
  const codes =
    frame.type === 'error' ? [frame.code] : frame.type === 'batch' ? frame.verdicts.map(({ code }) => code) : []
  expect(codes.filter((code) => code === 'internal' || code === 'unavailable')).toEqual([])
  if (socket.closed === null) await socket.close()
}

/** Sends a message to an editor's door, and asks whether the server still answers. */
async function edits({ world, ada, ticketId }: Scene, data: Bytes): Promise<void> {
  const editor = await RawEditor.open(world.url, ticketId, ada.token)
  editor.socket.send(data)
  await editor.fence()
  const code = editor.closed?.code
  if (editor.closed === null) await editor.close()
  expect([undefined, 4403]).toContain(code)
}

async function stateOf({ world, ada, ticketId, faults }: Scene) {
  const { id } = await ada.api.tickets.get.query({ ticketId })
  const { status } = await fetch(`${world.url}/healthz`)
  return { answers: id === ticketId, health: status, faults }
}

const WELL = { answers: true, health: 200, faults: [] }

it('survives any bytes at the device’s door', async () => {
  const scene = await setScene()
  await using _world = scene.world
  const frames = badFrames([encodeFrame(goodExchange(scene), 'cbor')])
  await fc.assert(
    fc.asyncProperty(frames, (frame) => exchange(scene, frame)),
    { seed: SEED, numRuns: RUNS },
  )
  expect(await stateOf(scene)).toEqual(WELL)
})

it('survives any text at the device’s door', async () => {
  const scene = await setScene()
  await using _world = scene.world
  const frames = badFrames([new TextEncoder().encode(encodeFrame(goodExchange(scene), 'json'))])
  await fc.assert(
    fc.asyncProperty(frames, (frame) => exchange(scene, new TextDecoder().decode(frame))),
    { seed: SEED, numRuns: RUNS },
  )
  expect(await stateOf(scene)).toEqual(WELL)
})

it('survives any bytes at the editor’s door', async () => {
  const scene = await setScene()
  await using world = scene.world
  const editor = await RawEditor.open(world.url, scene.ticketId, scene.ada.token)
  const { doc } = editor
  const before = Y.encodeStateVector(doc)
  doc.getText('description').insert(0, 'It hums. 🖨', { bold: true })
  const text = Y.encodeStateAsUpdate(doc, before)
  const beforeFields = Y.encodeStateVector(doc)
  doc.getMap('fields').set('title', 'Plotter')
  doc.getMap('fields').set('custom', { floor: 2 })
  doc.getText('description').delete(0, 3)
  await editor.close()

  const good = [
    encodeUpdate(text),
    encodeUpdate(Y.encodeStateAsUpdate(doc, beforeFields)),
    encodeUpdate(Y.encodeStateAsUpdate(doc)),
    encodeStateVector(Y.encodeStateVector(doc)),
    encodeAwareness(awarenessUpdate(doc.clientID, 1, { user: { name: 'ada' }, cursor: null })),
  ]
  await fc.assert(
    fc.asyncProperty(badFrames(good), (frame) => edits(scene, frame)),
    { seed: SEED, numRuns: RUNS },
  )
  expect(await stateOf(scene)).toEqual(WELL)
})

/** Bad commands in good frames: each is refused with its code, and those beside it go through. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { decodeFrame, encodeFrame, type Encoding } from '@rejoin/shared/sync/encoding.ts'
import { ServerFrame } from '@rejoin/shared/sync/wire.ts'
import type { Verdict } from '@rejoin/shared/sync/verdicts.ts'
import { headSeq, TRACES, TRACES_OF_PARKED } from '../doors/database.ts'
import { exchangeByPost, exchangeWith, type Command } from '../doors/exchange.ts'
import { RawSocket } from '../doors/socket.ts'
import { leavingNoTrace, setScene, type Scene } from './world.ts'

type Deliver = (scene: Scene, commands: readonly Command[], device?: string) => Promise<Verdict[]>

function bySocket(encoding: Encoding): Deliver {
  return async ({ world, ada }, commands, device) => {
    const socket = await RawSocket.open(world.url, '/sync', ada.token)
    socket.send(encodeFrame(exchangeWith(commands, device), encoding))
    await socket.until(() => socket.messages.length > 0)
    const [answer] = socket.messages
    if (answer === undefined) throw new Error(`hung up with ${socket.closed?.code}`)
    const frame = decodeFrame(ServerFrame, answer)
    if (frame.type !== 'batch') throw new Error(`answered ${JSON.stringify(frame)}`)
    await socket.close()
    return frame.verdicts
  }
}

function byPost(encoding: Encoding): Deliver {
  return async ({ world, ada }, commands, device = v7()) => {
    const { verdicts } = await exchangeByPost(world.url, ada.token, commands, { device, encoding })
    return verdicts
  }
}

const DOORS = [
  ['CBOR on a socket', bySocket('cbor')],
  ['JSON on a socket', bySocket('json')],
  ['CBOR by POST', byPost('cbor')],
  ['JSON by POST', byPost('json')],
] as const

function comment(ticketId: string, body = 'Hello'): Command {
  return { name: 'comment.add', input: { ticketId, commentId: v7(), body } }
}

/** A list in itself so often that nobody reads it to the end by recursion. */
function nested(depth: number): unknown {
  let value: unknown = []
  for (let level = 0; level < depth; level += 1) value = [value]
  return value
}

function badCommands({ ticketId, foreignId }: Scene): [name: string, command: Command, code: string][] {
  return [
    ['a name there is none of', { name: 'ticket.explode', input: { ticketId } }, 'unknown-command'],
    ['a name that every object has', { name: 'constructor', input: { ticketId } }, 'unknown-command'],
    ['the prototype as a name', { name: '__proto__', input: {} }, 'unknown-command'],
    ['a command for no device', { name: 'user.create', input: { name: 'A', role: 'admin' } }, 'unknown-command'],
    ['a command of the server', { name: 'session.end', input: { id: 'x' } }, 'unknown-command'],
    ['nothing', { name: 'comment.add', input: undefined }, 'invalid'],
    ['null', { name: 'comment.add', input: null }, 'invalid'],
    ['null for text', { name: 'text.write', input: null }, 'invalid'],
    ['text for a ticket that is a number', { name: 'text.write', input: { ticketId: 7, update: 'AAA=' } }, 'invalid'],
    ['text that is no update', { name: 'text.write', input: { ticketId, update: 'AQID' } }, 'malformed-text'],
    ['text that is no base64', { name: 'text.write', input: { ticketId, update: '%' } }, 'invalid'],
    ['a string for an object', { name: 'ticket.edit', input: 'title' }, 'invalid'],
    ['a list for an object', { name: 'ticket.edit', input: [ticketId] }, 'invalid'],
    ['a title that is a number', { name: 'ticket.edit', input: { ticketId, set: { title: 5 } } }, 'invalid'],
    ['a field of the server', { name: 'ticket.edit', input: { ticketId, set: { number: 'TKT-1' } } }, 'invalid'],
    ['an id that is no UUID', comment('TKT-0001'), 'invalid'],
    ['an empty comment', comment(ticketId, ' \n'), 'invalid'],
    ['a ticket that is not there', comment(v7()), 'not-found'],
    ['somebody else’s ticket', comment(foreignId), 'not-found'],
    ['a claim of somebody else’s ticket', { name: 'ticket.claim', input: { ticketId: foreignId } }, 'not-found'],
    ['a move that has no path', { name: 'ticket.reopen', input: { ticketId } }, 'no-path'],
    ['too much beside it', { name: 'ticket.reopen', input: { ticketId, junk: nested(1500) } }, 'invalid'],
    // It builds on the one before, which waits for somebody to decide.
    ['a second move that has no path', { name: 'ticket.reopen', input: { ticketId } }, 'depends'],
    ['a ticket that exists', { name: 'ticket.create', input: { ticketId, title: 'A' } }, 'id-taken'],
    ['a second to infinity', { name: 'ticket.edit', input: { ticketId, set: { dueAt: 1e300 } } }, 'invalid'],
  ]
}

it.each(DOORS)('refuses by %s each bad command alone, and nothing of it is done', async (_name, deliver) => {
  const scene = await setScene()
  await using _world = scene.world
  const bad = badCommands(scene)
  const commands = bad.map(([, command]) => command)
  const verdicts = await leavingNoTrace(scene, () => deliver(scene, commands), TRACES_OF_PARKED)
  const found = verdicts.map(({ code }, index) => [bad[index]?.[0], code])
  expect(found).toEqual(bad.map(([name, , code]) => [name, code]))
  expect(new Set(verdicts.map(({ outcome }) => outcome))).toEqual(new Set(['refused', 'parked']))
})

it.each(DOORS)('does by %s what is good between what is bad', async (_name, deliver) => {
  const scene = await setScene()
  await using _world = scene.world
  const mixed = badCommands(scene).flatMap(([, command], index) => [command, comment(scene.ticketId, `Note ${index}`)])
  const verdicts = await deliver(scene, mixed)
  expect(verdicts.filter((_, index) => index % 2 === 1).every(({ outcome }) => outcome === 'applied')).toBe(true)
  const { comments } = await scene.ada.api.tickets.get.query({ ticketId: scene.ticketId })
  expect(comments).toHaveLength(mixed.length / 2)
  expect(scene.faults).toEqual([])
})

it('refuses numbers that JSON has not, and goes on', async () => {
  const scene = await setScene()
  await using _world = scene.world
  const huge = { name: 'ticket.reopen', id: v7(), input: { ticketId: scene.ticketId, junk: 2n ** 60n } }
  const good = comment(scene.ticketId)
  expect(await bySocket('cbor')(scene, [huge, good])).toMatchObject([{ code: 'invalid' }, { outcome: 'applied' }])
  expect(scene.faults).toEqual([])
})

it.each(DOORS)('does by %s a command that comes twice in one frame once', async (_name, deliver) => {
  const scene = await setScene()
  await using _world = scene.world
  const id = v7()
  const twice = [
    { ...comment(scene.ticketId, 'First'), id },
    { ...comment(scene.ticketId, 'Second'), id },
  ]
  expect(await deliver(scene, twice)).toMatchObject([
    { id, outcome: 'applied' },
    { id, outcome: 'applied' },
  ])
  const { comments } = await scene.ada.api.tickets.get.query({ ticketId: scene.ticketId })
  expect(comments.map(({ body }) => body)).toEqual(['First'])
})

it.each(DOORS)('answers by %s a frame that comes again as it did at first', async (_name, deliver) => {
  const scene = await setScene()
  await using _world = scene.world
  const device = v7()
  const bad = badCommands(scene).map(([, command]) => ({ ...command, id: v7() }))
  const frame = [...bad, { ...comment(scene.ticketId), id: v7() }]
  const first = await deliver(scene, frame, device)
  const again = () => deliver(scene, frame, device)
  expect(await leavingNoTrace(scene, again, { except: ['device'] })).toEqual(first)
  expect(await leavingNoTrace(scene, again, { except: ['device'] })).toEqual(first)
})

it('gives nobody the verdict of somebody else', async () => {
  const scene = await setScene()
  await using world = scene.world
  const eve = await world.person('eve', 'agent')
  const command = { ...comment(scene.ticketId), id: v7() }
  await byPost('json')(scene, [command])
  const [verdict] = await leavingNoTrace(scene, () => byPost('json')({ ...scene, ada: eve }, [command]), TRACES)
  expect(verdict).toMatchObject({ outcome: 'refused', code: 'id-taken' })
})

it('believes no device that says it has seen the future, or comes from it', async () => {
  const scene = await setScene()
  await using world = scene.world
  const at = { wall: 8_640_000_000_000_000, mono: 1e300, boot: 'later' }
  const frame = exchangeWith([{ ...comment(scene.ticketId), seen: Number.MAX_SAFE_INTEGER }])
  const commands = frame.commands.map((command) => ({ ...command, at }))
  const socket = await RawSocket.open(world.url, '/sync', scene.ada.token)
  socket.send(JSON.stringify({ ...frame, commands, cursor: Number.MAX_SAFE_INTEGER, epoch: 'e', tag: 't' }))
  await socket.until(() => socket.messages.length > 0)
  socket.send(JSON.stringify({ ...frame, commands, places: [{ cursor: Number.MAX_SAFE_INTEGER, tag: 't' }] }))
  await socket.until(() => socket.messages.length > 1)
  const [unknown, asked] = socket.messages.map((message) => decodeFrame(ServerFrame, message))
  expect(unknown).toMatchObject({ reconcile: {}, verdicts: [], enter: [] })
  expect(asked).toMatchObject({ reconcile: { since: 0 }, verdicts: [], enter: [] })
  socket.send(JSON.stringify({ ...frame, commands, held: [] }))
  await socket.until(() => socket.messages.length > 2)
  expect(decodeFrame(ServerFrame, socket.messages[2] ?? '')).toMatchObject({
    cursor: await headSeq(world.app),
    verdicts: [{ outcome: 'applied' }],
  })
  await socket.close()
  const { comments } = await scene.ada.api.tickets.get.query({ ticketId: scene.ticketId })
  expect(comments).toMatchObject([{ createdAt: world.clock.now() }])
  expect(scene.faults).toEqual([])
})

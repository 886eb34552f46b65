/** A command id that comes again with other content: every door says so, and the first command stands. */
import { randomBytes } from 'node:crypto'
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { Batch } from '@rejoin/shared/sync/wire.ts'
import { decodeFrame, encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import { callApi, procedureFor } from '../access/doors.ts'
import { CLOCK, exchangeByPost, exchangeWith, post, type Command } from '../doors/exchange.ts'
import { startWorld, type Person, type World } from '../harness/world.ts'

type Ask = (world: World, person: Person, command: Required<Pick<Command, 'id' | 'name' | 'input'>>) => Promise<string>

const codeIn = ({ verdicts }: Batch) => verdicts[0]?.code ?? verdicts[0]?.outcome ?? 'none'

async function byApi(world: World, person: Person, { id, name, input }: Parameters<Ask>[2]): Promise<string> {
  const answer = await fetch(`${world.url}/trpc/${procedureFor(name)}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json', 'idempotency-key': id },
    body: JSON.stringify(input),
  })
  const { error } = (await answer.json()) as { error?: { data: { code: string } } }
  const code = error?.data.code ?? 'applied'
  return answer.status === ({ applied: 200, 'key-reused': 422, 'id-taken': 409 }[code] ?? 0)
    ? code
    : `${code}, ${answer.status}`
}

/** Offers a command as one decided before a restore. */
async function byOffer(world: World, person: Person, command: Parameters<Ask>[2]): Promise<string> {
  const offered = [{ ...command, at: CLOCK, seen: 0, effectiveAt: world.clock.now() }]
  const frame = { ...exchangeWith([]), epoch: 'lost', cursor: 900, tag: 'lost', offered }
  const answer = await post(world.url, person.token, encodeFrame(frame, 'json'))
  return codeIn(decodeFrame(Batch, await answer.text()))
}

const DOORS: Readonly<Record<string, Ask>> = {
  'the API': byApi,
  'an exchange in JSON': async (world, { token }, command) => codeIn(await exchangeByPost(world.url, token, [command])),
  'an exchange in CBOR': async (world, { token }, command) =>
    codeIn(await exchangeByPost(world.url, token, [command], { encoding: 'cbor' })),
  'an offer after a restore': byOffer,
}

const PAIRS = Object.keys(DOORS).flatMap((first) => Object.keys(DOORS).map((second) => [first, second] as const))

it.each(PAIRS)('tells by %s, then %s', async (first, second) => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id: ticketId } = await world.ticket({ assignee: ada })
  const [ask, again] = [DOORS[first] ?? byApi, DOORS[second] ?? byApi]
  const command = { id: v7(), name: 'ticket.tag', input: { ticketId, tag: 'paper' } }
  expect(await ask(world, ada, command)).toBe('applied')
  // In another order: the request is the same.
  expect(await again(world, ada, { ...command, input: { tag: 'paper', ticketId } })).toBe('applied')
  expect(await again(world, ada, { ...command, input: { ticketId, tag: 'toner' } })).toBe('key-reused')
  expect(await again(world, ada, { ...command, name: 'ticket.untag' })).toBe('key-reused')
  expect(await again(world, ada, command)).toBe('applied')
  expect((await ada.api.tickets.get.query({ ticketId })).tags).toEqual(['paper'])
})

it('knows the bytes of a text again, in whichever encoding they came', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id: ticketId } = await world.ticket({ assignee: ada })
  const text = (update: string) => ({ id: '', name: 'text.write', input: { ticketId, update } })
  const [id, empty, other] = [v7(), 'AAA=', 'AAAA']
  const asBytes = { ...text(empty), id, input: { ticketId, update: Uint8Array.of(0, 0) } }
  const [first] = (await exchangeByPost(world.url, ada.token, [asBytes], { encoding: 'cbor' })).verdicts
  expect((await exchangeByPost(world.url, ada.token, [{ ...text(empty), id }])).verdicts).toEqual([first])
  expect(codeIn(await exchangeByPost(world.url, ada.token, [{ ...text(other), id }]))).toBe('key-reused')
})

it('compares what was sent, not what an earlier app’s command became', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const id = v7()
  const made = { id, name: 'ticket.create', input: { ticketId: v7(), title: 'Printer', category: null } }
  const device = v7()
  const send = async (input: object, own: object = {}) => {
    const frame = exchangeWith([{ ...made, input }], device, 1)
    const commands = frame.commands.map((command) => ({ ...command, ...own }))
    return codeIn(
      decodeFrame(Batch, await (await post(world.url, ada.token, encodeFrame({ ...frame, commands }, 'json'))).text()),
    )
  }
  expect(await send(made.input)).toBe('applied')
  expect(await send(made.input, { schema: 1 })).toBe('applied')
  expect(await send({ ...made.input, title: 'Plotter' })).toBe('key-reused')
})

it('takes a receipt from before, and one under a key that was lost, for the same', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id: ticketId } = await world.ticket({ assignee: ada })
  const command = { id: v7(), name: 'ticket.tag', input: { ticketId, tag: 'paper' } }
  const other = { ...command, input: { ticketId, tag: 'toner' } }
  await byApi(world, ada, command)
  await world.restart({ secretKey: randomBytes(32) })
  expect(await byApi(world, ada, other)).toBe('applied')
  const next = { ...command, id: v7() }
  await byApi(world, ada, next)
  expect(await byApi(world, ada, { ...other, id: next.id })).toBe('key-reused')
  world.app.db.writer.run('update receipt set asked = null')
  expect(await byApi(world, ada, { ...other, id: next.id })).toBe('applied')
})

it('keeps nothing by which a password could be tried: the same command is marked differently by each server', async () => {
  const marks = new Set<string | null>()
  const input = { name: 'Ada', email: 'ada@example.com', role: 'agent', password: 'correct horse battery' }
  for (let server = 0; server < 2; server += 1) {
    await using world = await startWorld()
    const { token } = await world.desk()
    await fetch(`${world.url}/trpc/accounts.createUser`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': v7() },
      body: JSON.stringify(input),
    })
    const [receipt] = await world.app.read.selectFrom('receipt').select('asked').execute()
    marks.add(receipt?.asked ?? null)
  }
  expect(marks.has(null)).toBe(false)
  expect(marks.size).toBe(2)
})

it('says nothing of the first command to somebody else', async () => {
  await using world = await startWorld()
  const [ada, eve] = [await world.person('ada', 'agent'), await world.person('eve', 'agent')]
  const { id: ticketId } = await world.ticket({ assignee: ada })
  const command = { id: v7(), name: 'ticket.tag', input: { ticketId, tag: 'paper' } }
  await byApi(world, ada, command)
  expect(await byApi(world, eve, { ...command, input: { ticketId, tag: 'toner' } })).toBe('id-taken')
  expect(await callApi(world.url, eve.token, 'tickets.tag', command.input)).not.toBe('key-reused')
})

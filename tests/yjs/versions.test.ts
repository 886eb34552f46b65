/** Published versions of y-websocket keep every letter and never hammer: lines break, servers restart and refuse. */
import { afterEach, expect, it } from 'vitest'
import { RawEditor } from '../doors/editor.ts'
import { StockClient, VERSIONS, type Version } from '../harness/stock-client.ts'
import { Wire } from '../harness/wire.ts'
import { startWorld, type Person, type World } from '../harness/world.ts'

/** The first version that takes a code between 4400 and 4499 for final. */
const STAYS_AWAY: Version = '3.1.0'
/** How often a ticket is opened at once; see `server/src/doors/sync/admission.ts`. */
const AT_ONCE = 10
const PASS_MS = 5000

const clients: StockClient[] = []

afterEach(() => {
  for (const client of clients.splice(0)) client[Symbol.dispose]()
})

async function open(version: Version, person: Person, at: { url: string; ticketId: string }): Promise<StockClient> {
  const client = await StockClient.open(version, person, at)
  clients.push(client)
  return client
}

/** Somebody who types on through every state of the line: when it is lost, and in the moment when it is there again. */
function typeOn(client: StockClient, letter: string): { count: number } {
  const typed = { count: 0 }
  const type = (times: number) => {
    client.type(letter.repeat(times))
    typed.count += times
  }
  type(5)
  client.onLine = () => type(3)
  return typed
}

function countOf(text: string, letter: string): number {
  return text.split(letter).length - 1
}

it.each(VERSIONS)('has every letter that %s types while its line breaks again and again', async (version) => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id: ticketId } = await world.ticket({ assignee: ada })
  const wire = await Wire.to(world.url)
  const client = await open(version, ada, { url: wire.url, ticketId })
  const typed = typeOn(client, 'a')
  for (let times = 1; times <= 3; times += 1) {
    wire.snap()
    await client.until(() => client.opened === times + 1 && client.provider.synced)
  }
  client.onLine = () => undefined
  const desk = await world.desk()
  const reader = await open('3.1.0', desk, { url: world.url, ticketId })
  await reader.until(() => reader.notes.length >= typed.count)

  expect(reader.notes.toJSON()).toBe('a'.repeat(typed.count))
  expect(typed.count).toBe(5 + 3 * 6)
  expect(client.words).toEqual([])
  expect(client.closed.map(({ code }) => code)).toEqual([1006, 1006, 1006])
  await wire.close()
})

it('brings two people of each version through a restart, typing, and misses no letter', async () => {
  await using world = await startWorld()
  const { id: ticketId } = await world.ticket()
  const people = VERSIONS.flatMap((version) => [1, 2].map((each) => ({ version, name: `p${each}v${version}` })))
  const typing = await Promise.all(
    people.map(async ({ version, name }, index) => {
      const person = await world.person(name, 'supervisor')
      const client = await open(version, person, { url: world.url, ticketId })
      return { client, letter: String.fromCodePoint(97 + index) }
    }),
  )
  const typed = typing.map(({ client, letter }) => typeOn(client, letter))
  await world.restart()
  for (const { client } of typing) await client.until(() => client.opened > 1 && client.provider.synced)
  const wanted = () => typed.reduce((sum, { count }) => sum + count, 0)
  for (const { client } of typing) await client.until(() => client.notes.length === wanted())

  const text = await storedNotes(world, ticketId)
  expect(typing.map(({ letter }) => countOf(text, letter))).toEqual(typed.map(({ count }) => count))
  for (const { client } of typing) expect([client.notes.toJSON(), client.words]).toEqual([text, []])
})

async function storedNotes(world: World, ticketId: string): Promise<string> {
  const desk = await world.desk()
  const { notes } = await desk.api.tickets.get.query({ ticketId })
  return notes
}

/** Others come, are served, and go. */
async function othersCome(world: World, ticketId: string): Promise<void> {
  const { id } = await world.desk()
  const token = await world.newToken(id)
  for (let times = 0; times < 5; times += 1) await (await RawEditor.open(world.url, ticketId, token)).close()
}

/** Sees that it comes back now and then, or not at all. Returns the codes of its closings and refusals. */
async function refusalsOf(world: World, client: StockClient, { version, ticketId }: Refused): Promise<unknown> {
  const isFinal = version === STAYS_AWAY
  const most = isFinal ? 1 : AT_ONCE
  await client.until(() => client.closed.length === most && (isFinal || client.isWaiting))
  for (let pass = 0; pass < 3; pass += 1) {
    await othersCome(world, ticketId)
    const opened = isFinal ? 1 : AT_ONCE + pass
    expect([client.opened, client.attempts.length]).toEqual([opened, isFinal ? 1 : opened + 1])
    await world.advance(PASS_MS)
    if (!isFinal) await client.until(() => client.closed.length === opened + 1 && client.isWaiting)
  }
  const codes = new Set(client.closed.map(({ code }) => code))
  return [[...codes], new Set(client.words.map(({ refused }) => refused?.code))]
}

interface Refused {
  readonly version: Version
  readonly ticketId: string
}

it.each(VERSIONS)('tells %s that a change is refused, and is not hammered by it', async (version) => {
  await using world = await startWorld()
  const sue = await world.person('sue', 'supervisor')
  const { id: ticketId } = await world.ticket()
  const client = await open(version, sue, { url: world.url, ticketId })
  client.doc.getMap('fields').set('number', 'TKT-9999')
  expect(await refusalsOf(world, client, { version, ticketId })).toEqual([[4403], new Set(['forbidden'])])
})

it.each(VERSIONS)('stores what %s types while it has lost the ticket, once it has it again', async (version) => {
  await using world = await startWorld()
  const desk = await world.desk()
  const [ada, bob] = [await world.person('ada', 'agent'), await world.person('bob', 'agent')]
  const { id: ticketId } = await world.ticket({ assignee: ada })
  const client = await open(version, ada, { url: world.url, ticketId })
  await desk.api.tickets.assign.mutate({ ticketId, agentId: bob.id })
  expect(await refusalsOf(world, client, { version, ticketId })).toEqual([[4403], new Set(['not-found'])])
  client.type('meanwhile')
  expect(await storedNotes(world, ticketId)).toBe('')
  await desk.api.tickets.assign.mutate({ ticketId, agentId: ada.id })
  if (version === STAYS_AWAY) client.provider.connect()
  await world.advance(PASS_MS)
  await client.until(() => client.provider.synced)
  const reader = await open('3.1.0', desk, { url: world.url, ticketId })
  await reader.until(() => reader.notes.length > 0)
  expect(await storedNotes(world, ticketId)).toBe('meanwhile')
})

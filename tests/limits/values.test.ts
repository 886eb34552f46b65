/** Many small values cost as much as many bytes: they are counted before they are parsed, and told by the number. */
import { encode } from 'cborg'
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { BODY_VALUES, FRAME_VALUES, INPUT_VALUES } from '@rejoin/shared/budgets.ts'
import { decodeFrame, encodeFrame, type Encoding } from '@rejoin/shared/sync/encoding.ts'
import { Exchange } from '@rejoin/shared/sync/wire.ts'
import { exchangeByPost, exchangeWith, post } from '../doors/exchange.ts'
import { startWorld } from '../harness/world.ts'

const many = (count: number) => Array.from({ length: count }, () => ({}))

it.for(['cbor', 'json'] as const)(
  'refuses a frame of many values before it is read (%s)',
  async (encoding: Encoding) => {
    await using world = await startWorld()
    const { token } = await world.person('ada', 'agent')
    const junk = { name: 'comment.add', input: { junk: many(FRAME_VALUES) } }
    const response = await post(world.url, token, encodeFrame(exchangeWith([junk]), encoding))
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({
      code: 'too-large',
      detail: expect.stringContaining(`${FRAME_VALUES}`),
    })
  },
)

it('counts what a text says as one value, whatever stands in it', () => {
  const text = `${'[{,:"'.repeat(FRAME_VALUES)}\\`
  const frame = exchangeWith([{ name: 'comment.add', input: { body: text } }])
  expect(decodeFrame(Exchange, JSON.stringify(frame)).commands).toHaveLength(1)
  expect(decodeFrame(Exchange, new Uint8Array(encode(frame))).commands).toHaveLength(1)
})

it('refuses one command of too many values, and judges those beside it', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const { id: ticketId } = await world.ticket({ assignee: ada.person })
  const comment = { name: 'comment.add', input: { ticketId, commentId: v7(), body: 'Fine' } }
  const large = { name: 'comment.add', input: { ticketId, commentId: v7(), body: 'Not', junk: many(INPUT_VALUES) } }
  const { verdicts } = await exchangeByPost(world.url, ada.person.token, [large, comment])
  expect(verdicts).toMatchObject([
    { outcome: 'refused', code: 'too-large', message: expect.stringContaining(`${INPUT_VALUES} values`) },
    { outcome: 'applied' },
  ])
})

it('reads no long body of the API without a session, and none of many values with one', async () => {
  await using world = await startWorld()
  const { token } = await world.desk()
  const call = (body: object, headers: Record<string, string> = {}) =>
    fetch(`${world.url}/trpc/accounts.logIn`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const login = { email: 'ada@example.com', password: 'ten characters or more' }
  const long = await call({ ...login, junk: 'x'.repeat(64 * 1024) })
  expect([long.status, await long.text()]).toEqual([413, expect.stringContaining(`${64 * 1024} bytes`)])
  const wide = await call({ ...login, junk: many(BODY_VALUES) }, { authorization: `Bearer ${token}` })
  expect([wide.status, await wide.text()]).toEqual([413, expect.stringContaining(`${BODY_VALUES} values`)])
})

it('repeats little of an input in the sentence that refuses it', async () => {
  await using world = await startWorld()
  const { token } = await world.desk()
  const custom = { ['x'.repeat(3_000_000)]: 1 }
  const { verdicts } = await exchangeByPost(world.url, token, [
    { name: 'ticket.create', input: { ticketId: v7(), title: 'Printer', custom } },
  ])
  expect(verdicts).toMatchObject([{ outcome: 'refused', code: 'invalid' }])
  expect(verdicts[0]?.message?.length).toBeLessThan(600)
})

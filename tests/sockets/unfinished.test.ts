/** A message that begins and does not end keeps memory: its connection is cut, and nobody else's is. */
import { expect, it } from 'vitest'
import { encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import { exchangeWith } from '../doors/exchange.ts'
import { RawSocket } from '../doors/socket.ts'
import { startWorld } from '../harness/world.ts'

it.for(['/sync', '/yjs'])('cuts the connection of a message that does not end in a minute, at %s', async (door) => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id } = await world.ticket({ assignee: ada })
  const path = door === '/yjs' ? `/yjs/${id}` : door
  const [unfinished, quiet] = [
    await RawSocket.open(world.url, path, ada.token),
    await RawSocket.open(world.url, '/sync', ada.token),
  ]
  quiet.send(encodeFrame(exchangeWith([]), 'cbor'))
  await quiet.until(() => quiet.messages.length > 0)
  unfinished.beginMessage(1_000_000, 500_000)
  // The server has read all bytes that came before this request.
  await (await fetch(`${world.url}/healthz`)).arrayBuffer()
  for (let minutes = 0; minutes < 3; minutes += 1) await world.advance(60_000)
  expect(await unfinished.end()).toMatchObject({ code: 1006 })
  expect(quiet.closed).toBeNull()
  await quiet.close()
})

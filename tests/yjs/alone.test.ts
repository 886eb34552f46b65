/** A client that hears nothing for half a minute hangs up: alone on a ticket it hears the server. */
import { driveIntervals, passForClients } from '../harness/client-time.ts'
import { expect, it } from 'vitest'
import { StockClient, VERSIONS } from '../harness/stock-client.ts'
import { startWorld } from '../harness/world.ts'

/** How often a client looks whether it has heard something. */
const LOOK_MS = 3000

it.each(VERSIONS)('keeps the connection of %s, alone on its ticket', async (version) => {
  await using world = await startWorld()
  const desk = await world.desk()
  const { id: ticketId } = await world.ticket()
  const release = driveIntervals()
  try {
    using client = await StockClient.open(version, desk, { url: world.url, ticketId })
    for (let passed = 0; passed < 120_000; passed += LOOK_MS) {
      passForClients(LOOK_MS)
      // What the client has said by now, the server has answered.
      for (let times = 0; times < 3; times += 1) await (await fetch(`${world.url}/healthz`)).arrayBuffer()
    }
    expect([client.opened, client.closed, client.words]).toEqual([1, [], []])
    expect(client.provider.awareness.getLocalState()).toEqual({})
  } finally {
    release()
  }
})

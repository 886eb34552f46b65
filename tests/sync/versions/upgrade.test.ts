/** An app that is updated while work waits, and a server that is. */
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { openDevice } from '@rejoin/client-sdk/open-device.ts'
import { memoryStore, type MemoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { DATABASE_FILE } from '@rejoin/server/core/storage/sqlite.ts'
import { decodeFrame } from '@rejoin/shared/sync/encoding.ts'
import { DeviceFrame } from '@rejoin/shared/sync/wire.ts'
import { exchangeByPost } from '../../doors/exchange.ts'
import { startWorld } from '../../harness/world.ts'

interface StoredRecord {
  readonly command: { readonly name: string; readonly schema: number; readonly input: object }
}

/** The store as the first version of the app would have left it: null for no note, and no word of versions. */
function asOfSchema1(store: MemoryStore): MemoryStore {
  const entries = store.entries().map(([key, value]): [string, unknown] => {
    if (!key.startsWith('outbox/') && !key.startsWith('verdict/')) return [key, value]
    const { command, ...rest } = value as StoredRecord
    const { schema: _, ...made } = command
    const input = made.name === 'work.log' ? { ...made.input, note: null } : made.input
    return [key, { ...rest, command: { ...made, input } }]
  })
  return memoryStore(entries)
}

it('shows and sends what an earlier version of the app has queued', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id: ticketId } = await world.ticket({ assignee: ada })
  const before = memoryStore()
  const device = await world.device(ada, before)
  device.disconnect()
  await device.tickets.logWork({ ticketId, minutes: 20 })
  await device.close()

  const store = asOfSchema1(before)
  const offline = await openDevice({ url: world.url, store })
  expect(offline.view(ticketId)).toMatchObject({ work: [{ minutes: 20, note: null }] })
  expect(offline.pending()).toEqual([expect.objectContaining({ input: expect.not.objectContaining({ note: null }) })])
  await offline.close()

  const online = await world.device(ada, store)
  expect(online.verdicts()).toMatchObject([{ name: 'work.log', outcome: 'applied' }])
})

it('says of a command how old it is only where it is older than the app', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id: ticketId } = await world.ticket({ assignee: ada })
  const before = memoryStore()
  const first = await world.device(ada, before)
  first.disconnect()
  await first.tickets.logWork({ ticketId, minutes: 20 })
  await first.close()

  const said: (number | undefined)[] = []
  class HeardSocket extends WebSocket {
    override send(data: Uint8Array<ArrayBuffer>): void {
      const frame = decodeFrame(DeviceFrame, data)
      if (frame.type === 'exchange') said.push(...frame.commands.map(({ schema }) => schema))
      super.send(data)
    }
  }
  const device = await openDevice({
    url: world.url,
    store: asOfSchema1(before),
    environment: { WebSocket: HeardSocket },
  })
  await device.tickets.tag({ ticketId, tag: 'north' })
  device.connect()
  await device.settled()
  expect(said).toEqual([1, undefined])
  await device.close()
})

it('takes back from a device what an earlier version of the app had done before a restore', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id: ticketId } = await world.ticket({ assignee: ada })
  const store = memoryStore()
  const before = await world.device(ada, store)
  const backup = await world.backup()
  await before.rejoin()
  await before.tickets.logWork({ ticketId, minutes: 20 })
  await before.settled()
  await before.close()
  await world.restore(backup)

  const after = await world.device(ada, asOfSchema1(store))
  expect(after.view(ticketId)).toMatchObject({ work: [{ minutes: 20, note: null }] })
})

it('decides about work that was parked by an earlier version of the server', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const { id: ticketId } = await world.ticket()
  const [work, group] = [v7(), v7()]
  const commands = [
    { id: work, name: 'work.log', input: { ticketId, workId: v7(), minutes: 20 }, group },
    { name: 'ticket.reopen', input: { ticketId }, group },
  ]
  await exchangeByPost(world.url, desk.token, commands)
  await world.restore(await world.backup(), (dataDir) => {
    using db = new DatabaseSync(join(dataDir, DATABASE_FILE))
    db.prepare(`update receipt set "schema" = 1, input = json_set(input, '$.note', null) where name = 'work.log'`).run()
  })
  await desk.api.tickets.resolve.mutate({ ticketId, resolution: 'Done.' })
  expect(await desk.api.parked.list.query()).toMatchObject([{ name: 'work.log', input: { minutes: 20 } }, {}])
  await desk.api.parked.approve.mutate({ commandId: work })
  expect(await desk.api.tickets.get.query({ ticketId })).toMatchObject({ work: [{ minutes: 20, note: null }] })
})

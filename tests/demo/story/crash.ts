/** `kill -9` of the server right after the last acknowledgement, and a restart on the same data and port. */
import { join } from 'node:path'
import { v7 } from 'uuid'
import { mustEqual } from '../checks.ts'
import { compareReplicas } from '../replicas.ts'
import { ServerProcess } from '../server-process.ts'
import { heading, say } from '../terminal.ts'
import { EVERY_SECOND, fieldsOf, type Cast } from './cast.ts'

const BURST = 40

export async function crash(cast: Cast): Promise<number> {
  heading('6  kill -9 of the server')
  const { ada, ben, tickets, departmentId } = cast
  for (let round = 1; round <= BURST; round += 1) {
    await ada.device.tickets.comment({ ticketId: tickets.wifi, body: `Measurement ${round}`, visibility: 'internal' })
    await ben.device.tickets.logWork({ ticketId: tickets.lift, minutes: round })
  }
  await ben.device.send('ticket.create', { ticketId: v7(), title: 'Spare fuses are out', departmentId })
  await Promise.all([ada.settled(), ben.settled()])
  const inFlight = [
    await ada.device.tickets.comment({
      ticketId: tickets.wifi,
      body: 'Written while the server died',
      visibility: 'internal',
    }),
    await ada.device.tickets.resolve({ ticketId: tickets.badge, resolution: 'New firmware' }),
  ]
  await cast.server.kill()
  say(`The server was killed right after it acknowledged ${2 * BURST + 1} more commands, with two more on the way.`)

  const { pid } = cast.server
  const port = Number(new URL(cast.url).port)
  cast.server = await ServerProcess.start({ dataDir: join(cast.dir, 'server'), port, slaSweep: EVERY_SECOND })
  say(`It runs again as process ${cast.server.pid}.`)
  const now = [await cast.server.url(), cast.server.pid === pid]
  mustEqual('another process serves the same address', now, [cast.url, false])
  const fields = fieldsOf(cast)
  for (const field of fields) await field.rejoin()
  const verdicts = new Map(ada.device.verdicts().map((verdict) => [verdict.id, verdict.outcome]))
  const decided = inFlight.map(({ commandId }) => verdicts.get(commandId))
  mustEqual('what was on the way is decided now, without anybody doing anything', decided, ['applied', 'applied'])
  const compared = await compareReplicas(cast.admin.api, fields)
  mustEqual('everybody’s replicas equal the restarted server', compared, 4 + 5 + 6)
  return compared
}

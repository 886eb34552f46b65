/** First contact: each device gets its queue and nothing else. */
import { compareReplicas } from '../replicas.ts'
import { mustEqual } from '../checks.ts'
import { heading, say } from '../terminal.ts'
import { fieldsOf, type Cast } from './cast.ts'
import { printQueues } from './queues.ts'

export async function bootstrap(cast: Cast): Promise<number> {
  heading('1  Three devices fetch their queues')
  say(`A server runs at ${cast.url} as process ${cast.server.pid}.`)
  say('Rita has asked for six things; Sue has given five of them to Ada, and one waits in the queue.')
  const fields = fieldsOf(cast)
  for (const field of fields) await field.rejoin()
  printQueues(fields)
  const counts = fields.map(({ device }) => device.held().length)
  mustEqual('Ada holds her five tickets and the queue, Ben the queue, Sue everything', counts, [6, 1, 6])
  const compared = await compareReplicas(cast.admin.api, fields)
  mustEqual('all of these replicas equal the server', compared, 13)
  return compared
}

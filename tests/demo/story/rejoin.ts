/** Ada rejoins: each command gets a verdict with its reason, and everybody ends with the same tickets. */
import { compareReplicas } from '../replicas.ts'
import { mustEqual } from '../checks.ts'
import { faint, heading, say } from '../terminal.ts'
import type { WorkApart } from './apart.ts'
import { fieldsOf, type Cast } from './cast.ts'
import { checkVerdicts } from './expectation.ts'
import { printQueues } from './queues.ts'

export async function rejoin(cast: Cast, work: WorkApart): Promise<void> {
  heading('3  Ada rejoins, and every command gets a verdict')
  const startedAt = performance.now()
  await cast.ada.rejoin()
  say(faint(`${work.ada.length} commands were judged in ${Math.round(performance.now() - startedAt)} ms.`))
  checkVerdicts('Ada', cast.ada.device, work.ada)
  checkVerdicts('Ben', cast.ben.device, work.ben)
  const { device } = cast.ada
  mustEqual('no command was left without a verdict', [device.pending(), cast.ben.device.pending()], [[], []])
  mustEqual('what was not simply applied waits in her inbox', device.inbox().length, notApplied(work))
  mustEqual('the lift is in her tray of handed-over work', device.handedOver().includes(cast.tickets.lift), true)
}

function notApplied({ ada }: WorkApart): number {
  return ada.filter(({ outcome }) => outcome !== 'applied').length
}

/** What became of the tickets, and that every device says the same as the server. */
export async function converge(cast: Cast, { chargerId }: WorkApart): Promise<number> {
  heading('4  Every replica equals the server')
  const { admin, tickets, ada, ben } = cast
  const get = (ticketId: string) => admin.api.tickets.get.query({ ticketId })
  const wifi = await get(tickets.wifi)
  const both = 'Reported by three people. Every few minutes. Only near the ovens.'
  mustEqual(`both edits of the description are there: "${both}"`, wifi.description, both)
  const lift = await get(tickets.lift)
  mustEqual(
    'the lift is with Ben and in progress, and Ada’s comment is on it',
    [lift.assigneeName, lift.status, lift.comments.map(({ body }) => body)],
    ['Ben', 'in_progress', ['The fuse is burnt.']],
  )
  const scanner = await get(tickets.scanner)
  const credited = [scanner.status, scanner.assigneeId, scanner.resolution]
  mustEqual('the scanner is resolved and credited to Ada', credited, ['resolved', ada.person.id, 'New cable'])
  const door = await get(tickets.door)
  mustEqual('the door is with Ben, who reached the server first', door.assigneeId, ben.person.id)
  const { number } = await get(chargerId)
  mustEqual('the ticket opened offline got the next number', number, 'TKT-0007')

  const fields = fieldsOf(cast)
  for (const field of fields) await field.rejoin()
  printQueues(fields)
  const compared = await compareReplicas(admin.api, fields)
  mustEqual('they hold what they should, and each replica equals the server', compared, 3 + 3 + 5)
  return compared
}

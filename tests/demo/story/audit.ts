/**
 * The last question: of everything that was ever acknowledged, is anything missing, or there twice? Answered command by
 * command, from what the devices have on disk and what the restarted server has.
 */
import { META_KEY, type DecidedRecord, type Meta } from '@rejoin/client-sdk/ledger/records.ts'
import { sqliteStore } from '@rejoin/client-sdk/stores/sqlite.ts'
import { mustEqual } from '../checks.ts'
import { checkEffects, decidedIn } from '../evidence.ts'
import type { FieldDevice } from '../field-device.ts'
import { allTickets, ticketsById } from '../replicas.ts'
import { resend } from '../resend.ts'
import { heading, say } from '../terminal.ts'
import { storeFile, type Cast } from './cast.ts'

/** What Rita asked for through the API. */
const REQUESTED = 6

type Records = ReadonlyMap<string, unknown>

/** Answers with all that was decided. */
export async function audit(cast: Cast, tabletRecords: Records): Promise<DecidedRecord[]> {
  heading('7  Nothing acknowledged is missing, nothing is there twice')
  const { ada, ben, sue, admin, url } = cast
  const stores: [FieldDevice['person'], Records][] = [
    [ada.person, await recordsOf(cast, ada)],
    [ben.person, await recordsOf(cast, ben)],
    [ben.person, tabletRecords],
    [sue.person, new Map(cast.sueStore.entries())],
  ]
  const decided = stores.flatMap(([, records]) => decidedIn(records))
  say(`The four devices remember ${decided.length} decided commands.`)

  const summaries = await allTickets(admin.api)
  const ids = summaries.map(({ id }) => id)
  const tickets = await ticketsById(admin.api, ids)
  checkEffects(decided, tickets)
  const opened = decided.filter(({ command }) => command.name === 'ticket.create').length
  mustEqual('each comment, work log and ticket that was acknowledged is there once', ids.length, REQUESTED + opened)
  const numbers = summaries.map(({ number }) => number).toSorted()
  const gapless = numbers.map((_, index) => `TKT-${String(index + 1).padStart(4, '0')}`)
  mustEqual(`the ${numbers.length} tickets are numbered without a gap`, numbers, gapless)

  for (const [{ name, token }, records] of stores) {
    const remembered = decidedIn(records)
    const meta = records.get(META_KEY) as Meta
    const answered = await resend(
      { url, token, meta },
      remembered.map(({ command }) => command),
    )
    const claim = `${name}'s ${remembered.length} commands, sent again, get the same verdicts`
    mustEqual(
      claim,
      answered,
      remembered.map(({ verdict }) => verdict),
    )
  }
  const after = await ticketsById(admin.api, ids)
  mustEqual('and sending them again changed nothing', [...after.values()], [...tickets.values()])
  mustEqual('the server logged no error', cast.server.errors, [])
  return decided
}

/** What the agent's device has on disk; it is closed for that. */
async function recordsOf({ dir }: Cast, field: FieldDevice): Promise<Records> {
  await field.close()
  const store = sqliteStore(storeFile(dir, field.person.name))
  try {
    return await store.load()
  } finally {
    await store.close()
  }
}

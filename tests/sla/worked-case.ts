/** Work without a network while a clock runs out: due at 10:00, the device silent since 09:00. */
import type { Metric } from '@rejoin/shared/sla/metric.ts'
import { DEFAULT_LEVELS } from '@rejoin/server/slices/sla/engine/policy.ts'
import { DEFAULT_POLICY } from '@rejoin/server/slices/sla/engine/terms.ts'
import type { World } from '../harness/world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** A ticket of 06:00 that is due at 10:00; Ada holds it, and her device falls silent at 09:00. */
export async function workedCase(world: World, metric: Metric) {
  const { api } = await world.desk()
  const value = { ...DEFAULT_POLICY, targets: { [metric]: { medium: 240 } }, levels: [...DEFAULT_LEVELS] }
  await api.sla.policies.edit.mutate({ policyId: 'default', value })
  const [ada] = await world.agents('ada')
  const sue = await world.person('sue', 'supervisor')
  const six = world.clock.now()
  const at = (hours: number, minutes = 0) => six + (hours - 6) * HOUR + minutes * MINUTE
  const { id: ticketId } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  const until = (instant: number) => world.advance(instant - world.clock.now())
  await until(at(9))
  ada.disconnect()
  // Until the server has noticed.
  while (world.app.connections.devices().length > 0) await new Promise((resolve) => setImmediate(resolve))
  const clock = async () => {
    const { clocks } = await api.sla.check.query({ ticketId })
    return clocks.find((each) => each.metric === metric)
  }
  const toldOf = async (type: string) => {
    const rows = await world.app.read.selectFrom('notification').select('userId').where('type', '=', type).execute()
    return rows.map(({ userId }) => (userId === sue.id ? 'sue' : userId === ada.person.id ? 'ada' : 'somebody'))
  }
  return { api, ada, sue, six, at, ticketId, until, clock, toldOf }
}

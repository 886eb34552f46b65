/** The clocks of a ticket whose time runs out. */
import type { Scene } from './scene.ts'
import type { Crew } from './tickets.ts'

const DAY = 24 * 3_600_000
const TICKET = '0197f3a0-0000-7000-8000-000000000005'

export async function clocks({ office, olga, support }: Scene, { ada, sue, rita }: Crew): Promise<void> {
  const { world } = office
  const from = world.clock.now()
  const ticket = {
    ticketId: TICKET,
    title: 'The crane stands still',
    priority: 'urgent',
    departmentId: support,
  } as const
  await rita.api.tickets.create.mutate(ticket)
  await sue.api.tickets.assign.mutate({ ticketId: TICKET, agentId: ada.id })
  const { policies } = olga.sla
  const [policy] = await policies.list.query()
  const value = { name: 'Around the clock', rules: [{}], targets: { resolution: { urgent: 60 } }, calendarId: 'always' }
  await policies.preview.query({ policy: { policyId: policy?.id, value } })
  const { clocks: running } = await sue.api.sla.check.query({ ticketId: TICKET })
  const clockId = running[0]?.clockId ?? ''
  await sue.api.sla.acknowledge.mutate({ clockId })
  await world.advance(DAY)
  await sue.api.sla.excuse.mutate({ clockId, reason: 'The spare part was at sea.' })
  await sue.api.sla.explain.query({ ticketId: TICKET })
  await olga.sla.metrics.query({ from, until: world.clock.now(), by: 'priority' })
}

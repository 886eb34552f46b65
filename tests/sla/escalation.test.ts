/** Levels: whom each tells and when, the action it asks for, and how a person acknowledges it. */
import { expect, it } from 'vitest'
import { DEFAULT_LEVELS, type Level } from '@rejoin/server/slices/sla/engine/policy.ts'
import { DEFAULT_POLICY } from '@rejoin/server/slices/sla/engine/terms.ts'
import { startWorld, type World } from '../harness/world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** An urgent ticket of four hours, with its assignee, a head of the department, and the notices of each. */
async function levelled(world: World, levels: readonly Level[] = DEFAULT_LEVELS) {
  const { api } = await world.desk()
  const value = {
    ...DEFAULT_POLICY,
    targets: { resolution: DEFAULT_POLICY.targets.resolution ?? {} },
    levels: [...levels],
  }
  await api.sla.policies.edit.mutate({ policyId: 'default', value })
  const ada = await world.person('ada', 'agent')
  const lea = await world.person('lea', 'supervisor')
  const sue = await world.person('sue', 'supervisor')
  const departmentId = await world.department('support')
  await api.accounts.setHead.mutate({ userId: lea.id, departmentId, isHead: true })
  const names = new Map([ada, lea, sue, await world.desk()].map(({ id, name }) => [id, name]))
  const { id: ticketId } = await world.ticket({ priority: 'urgent', assignee: ada })
  const told = async () => {
    const rows = await world.app.read
      .selectFrom('notification')
      .select(['userId', 'type', 'payload'])
      .where('type', 'like', 'sla-%')
      .orderBy('id')
      .execute()
    return rows.map(({ userId, type, payload }) => {
      const { level } = JSON.parse(payload) as { level: number }
      return `${names.get(userId)} ${type.replace('sla-', '')} ${level}`
    })
  }
  const clockId = async () => (await api.sla.check.query({ ticketId })).clocks[0]?.clockId ?? ''
  return { api, ticketId, ada, sue, told, clockId }
}

it('tells more people at each level', async () => {
  await using world = await startWorld()
  const { told } = await levelled(world)
  await world.advance(2 * HOUR + MINUTE)
  expect(await told()).toEqual(['ada level-reached 50'])
  await world.advance(HOUR)
  expect((await told()).slice(1)).toEqual(['ada level-reached 75', 'lea level-reached 75'])
  await world.advance(HOUR)
  expect((await told()).slice(3)).toEqual(['ada breached 100', 'lea breached 100', 'sue breached 100'])
  await world.advance(2 * HOUR)
  expect((await told()).slice(6).toSorted()).toEqual([
    'ada level-reached 150',
    'lea level-reached 150',
    'office level-reached 150',
    'sue level-reached 150',
  ])
})

it('leaves a ticket where it is when its new department is disabled by then, and still tells people', async () => {
  await using world = await startWorld()
  await world.department('support')
  const [lab, north] = [await world.department('lab'), await world.department('north')]
  const levels = [
    { percent: 50, notify: ['assignee' as const], reassign: { departmentId: lab } },
    { percent: 100, notify: ['lead' as const], reassign: { departmentId: north } },
  ]
  const { api, ticketId, ada, told } = await levelled(world, levels)
  const { departmentId: from } = await api.tickets.get.query({ ticketId })
  const { output } = await api.departments.disable.mutate({ departmentId: lab })
  expect(output.policies).toEqual(['Around the clock'])
  await world.advance(2 * HOUR + MINUTE)
  expect(await api.tickets.get.query({ ticketId })).toMatchObject({ departmentId: from, assigneeId: ada.id })
  expect(await told()).toEqual(['ada level-reached 50'])
  expect(await api.parked.list.query({})).toEqual([])
  await world.advance(2 * HOUR)
  expect(await api.tickets.get.query({ ticketId })).toMatchObject({ departmentId: north, assigneeId: null })
})

it('tells only the highest of what passed while nobody looked, and records each at its time', async () => {
  await using world = await startWorld()
  const { told } = await levelled(world)
  const startedAt = world.clock.now()
  await world.advance(7 * HOUR)
  expect((await told()).toSorted()).toEqual([
    'ada breached 150',
    'lea breached 150',
    'office breached 150',
    'sue breached 150',
  ])
  const rows = await world.app.read
    .selectFrom('slaEvent')
    .select(['kind', 'level', 'effectiveAt'])
    .where('kind', 'in', ['level', 'breach'])
    .orderBy('id')
    .execute()
  expect(rows.map(({ kind, level, effectiveAt }) => [kind, level, (effectiveAt - startedAt) / HOUR])).toEqual([
    ['level', 50, 2],
    ['level', 75, 3],
    ['level', 100, 4],
    ['breach', 100, 4],
    ['level', 150, 6],
  ])
})

it('is silent for a clock of which somebody has taken note, but for its deadline', async () => {
  await using world = await startWorld()
  const { ada, sue, told, clockId } = await levelled(world)
  await world.advance(2 * HOUR + MINUTE)
  await ada.api.sla.acknowledge.mutate({ clockId: await clockId() })
  const again = await sue.api.sla.acknowledge.mutate({ clockId: await clockId() })
  expect(again).toMatchObject({ outcome: 'adjusted', code: 'already-done' })
  await world.advance(HOUR)
  expect(await told()).toEqual(['ada level-reached 50'])
  await world.advance(HOUR)
  expect((await told()).slice(1)).toEqual(['ada breached 100', 'lea breached 100', 'sue breached 100'])
  await world.advance(3 * HOUR)
  expect(await told()).toHaveLength(4)
})

it('raises the priority and gives the ticket back, but never changes its status', async () => {
  await using world = await startWorld()
  const levels: Level[] = [{ minutesBefore: 60, notify: [], raisePriority: 'urgent', reassign: 'queue' }]
  const { api, ada } = await levelled(world, levels)
  const startedAt = world.clock.now()
  const { id: ticketId } = await world.ticket({ priority: 'high', assignee: ada })
  await api.tickets.transition.mutate({ ticketId, to: 'in_progress' })
  await world.advance(7 * HOUR + MINUTE)
  const ticket = await api.tickets.get.query({ ticketId })
  expect(ticket).toMatchObject({ priority: 'urgent', assigneeId: null, status: 'in_progress' })
  const resolution = ticket.clocks.find(({ metric }) => metric === 'resolution')
  expect(resolution).toMatchObject({ dueAt: startedAt + 4 * HOUR })
  const history = await api.tickets.history.query({ ticketId })
  expect(history.filter(({ actorId }) => actorId === 'system').map(({ type }) => type)).toContain('ticket-unassigned')
})

it('counts an excused breach apart, with the reason in the audit log', async () => {
  await using world = await startWorld()
  const { api, ada, sue, clockId } = await levelled(world)
  const from = world.clock.now()
  await expect(sue.api.sla.excuse.mutate({ clockId: await clockId(), reason: 'None' })).rejects.toThrow(/not breached/)
  await world.advance(5 * HOUR)
  const report = async () => {
    const { groups } = await sue.api.sla.metrics.query({ from, until: world.clock.now() + 1, by: 'priority' })
    return groups
  }
  expect(await report()).toMatchObject([{ key: 'urgent', met: 0, breached: 1, excused: 0, attainment: 0 }])
  const excuse = { clockId: await clockId(), reason: 'The building was evacuated' }
  await expect(ada.api.sla.excuse.mutate(excuse)).rejects.toThrow(/may not/)
  await sue.api.sla.excuse.mutate(excuse)
  expect(await report()).toMatchObject([{ key: 'urgent', met: 0, breached: 0, excused: 1, attainment: null }])
  const audited = await api.audit.list.query({ type: 'sla-excused' })
  expect(JSON.stringify(audited)).toContain('evacuated')
})

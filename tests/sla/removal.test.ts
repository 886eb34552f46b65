/** Policies and calendars that nothing uses can be removed; what uses one is named. */
import { expect, it } from 'vitest'
import { DEFAULT_POLICY } from '@rejoin/server/slices/sla/engine/terms.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld } from '../harness/world.ts'

const HOURS = { zone: 'UTC', weekly: { mon: [['09:00', '17:00']] } } as never

it('removes what nothing uses, with its versions, and says of everything else who uses it', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const { policies, calendars } = desk.api.sla
  const calendar = async (name: string) => (await calendars.create.mutate({ name, value: HOURS })).output.calendarId
  const [office, unused] = [await calendar('Office'), await calendar('Unused')]
  const value = { ...DEFAULT_POLICY, name: 'Gold', rules: [{ priority: ['urgent'] as const }], calendarId: office }
  const make = async (name: string) =>
    (await policies.create.mutate({ value: { ...value, name } as never, applyTo: 'new' })).output.policyId
  const [gold, spare] = [await make('Gold'), await make('Spare')]
  await policies.edit.mutate({
    policyId: spare,
    value: { ...value, name: 'Spare', calendarId: 'always' } as never,
    applyTo: 'new',
  })
  const { number } = await world.ticket()
  await policies.order.mutate({ policyIds: [gold, spare, 'default'], applyTo: 'new' })
  const urgent = await world.ticket({ priority: 'urgent' })

  await expect(policies.remove.mutate({ policyId: gold })).rejects.toThrow(
    `${urgent.number} is or was measured by Gold.`,
  )
  await expect(policies.remove.mutate({ policyId: 'default' })).rejects.toThrow(
    'is there from the beginning, and stays',
  )
  expect(number).not.toBe(urgent.number)
  await expect(calendars.remove.mutate({ calendarId: office })).rejects.toThrow(
    'Policies use Office: Gold, an earlier version of Spare.',
  )
  expect(await codeOf(calendars.remove.mutate({ calendarId: 'always' }))).toBe('conflict')
  expect(await codeOf(calendars.remove.mutate({ calendarId: unused }))).toBe('done')
  expect(await codeOf(calendars.remove.mutate({ calendarId: unused }))).toBe('not-found')
  expect(await codeOf(policies.remove.mutate({ policyId: spare }))).toBe('done')
  await expect(calendars.remove.mutate({ calendarId: office })).rejects.toThrow('Policies use Office: Gold.')

  expect((await policies.list.query()).map(({ id }) => id)).toEqual([gold, 'default'])
  expect((await calendars.list.query()).map(({ name }) => name)).toEqual(['Always open', 'Office'])
  await world.ticket({ priority: 'urgent' })
  await world.ticket()
  await expect(policies.remove.mutate({ policyId: gold })).rejects.toThrow(/^TKT-0002 and 1 more are or were measured/)
  const types = ['sla-policy-removed', 'sla-calendar-removed'] as const
  for (const type of types) {
    expect((await desk.api.audit.list.query({ type })).entries).toMatchObject([{ actorId: desk.id }])
  }
})

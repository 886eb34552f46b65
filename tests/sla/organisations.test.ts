/** The organisation of a requester: which policy it brings their tickets under, and what another one does to them. */
import { expect, it } from 'vitest'
import { DEFAULT_POLICY } from '@rejoin/server/slices/sla/engine/terms.ts'
import { startWorld, type World } from '../harness/world.ts'

const HOUR = 3_600_000

/** Two hours for Acme, and a day for everybody else. */
async function withContract(world: World) {
  const { api } = await world.desk()
  const contract = {
    ...DEFAULT_POLICY,
    name: 'Contract',
    rules: [{ tags: ['vip'] }, { organisation: ['Acme Ltd'] }],
    targets: { resolution: { medium: 120 } },
  }
  await api.sla.policies.create.mutate({ value: contract })
  const rita = await world.person('rita', 'requester')
  const setOrganisation = (organisation: string | null) =>
    api.accounts.setOrganisation.mutate({ userId: rita.id, organisation })
  const resolution = async (ticketId: string) =>
    (await api.tickets.get.query({ ticketId })).clocks.find(({ metric }) => metric === 'resolution')
  return { api, rita, setOrganisation, resolution }
}

it('brings the tickets of an organisation under its policy, however its name is written, and no others', async () => {
  await using world = await startWorld()
  const { api, rita, resolution } = await withContract(world)
  const startedAt = world.clock.now()
  const person = { name: 'Otto', email: 'otto@example.com', role: 'requester' as const }
  const otto = await api.accounts.createUser.mutate({ ...person, organisation: ' ACME ltd ' })
  const theirs = await world.ticket({ requesterId: otto.output.userId })
  const another = await world.ticket({ requesterId: rita.id })
  expect(await resolution(theirs.id)).toMatchObject({ dueAt: startedAt + 2 * HOUR })
  expect(await resolution(another.id)).toMatchObject({ dueAt: startedAt + 24 * HOUR })
  expect(await api.accounts.people.query({ role: 'requester' })).toMatchObject([
    { name: 'Otto', organisation: 'ACME ltd' },
    { name: 'rita', organisation: null },
  ])
})

it('follows somebody to another organisation with the open tickets, from their start', async () => {
  await using world = await startWorld()
  const { rita, setOrganisation, resolution, api } = await withContract(world)
  const startedAt = world.clock.now()
  const [open, done, other] = [
    await world.ticket({ requesterId: rita.id }),
    await world.ticket({ requesterId: rita.id }),
    await world.ticket(),
  ]
  await api.tickets.resolve.mutate({ ticketId: done.id, resolution: 'New fuser' })
  const ended = await resolution(done.id)
  await world.advance(HOUR)
  await setOrganisation('acme ltd')
  expect(await resolution(open.id)).toMatchObject({ dueAt: startedAt + 2 * HOUR })
  expect(await resolution(done.id)).toEqual(ended)
  expect(await resolution(other.id)).toMatchObject({ dueAt: startedAt + 24 * HOUR })
  expect(await rita.api.accounts.me.query()).toMatchObject({ organisation: 'acme ltd' })
  expect((await setOrganisation('acme ltd')).outcome).toBe('adjusted')
  await setOrganisation(null)
  expect(await resolution(open.id)).toMatchObject({ dueAt: startedAt + 24 * HOUR })
})

it('tells of a breach that another organisation brings, and keeps it as the log says', async () => {
  await using world = await startWorld()
  const { rita, setOrganisation, resolution } = await withContract(world)
  const { id } = await world.ticket({ requesterId: rita.id })
  await world.advance(3 * HOUR)
  const changedAt = world.clock.now()
  await setOrganisation('Acme Ltd')
  await world.advance(HOUR)
  expect(await resolution(id)).toMatchObject({ breachedAt: changedAt })
})

it.each([
  ['', /organisation: /],
  ['   ', /organisation: /],
  ['x'.repeat(201), /organisation: /],
])('refuses the name %o at its field, and changes nothing', async (organisation, says) => {
  await using world = await startWorld()
  const { api, rita, setOrganisation } = await withContract(world)
  await expect(setOrganisation(organisation)).rejects.toThrow(says)
  const person = { name: 'Otto', email: 'otto@example.com', role: 'requester' as const }
  await expect(api.accounts.createUser.mutate({ ...person, organisation })).rejects.toThrow(says)
  const value = { ...DEFAULT_POLICY, rules: [{ organisation: [organisation] }] }
  await expect(api.sla.policies.create.mutate({ value })).rejects.toThrow(/rules\.0\.organisation\.0: /)
  expect(await rita.api.accounts.me.query()).toMatchObject({ organisation: null })
  expect(await api.accounts.people.query({ role: 'requester' })).toHaveLength(1)
})

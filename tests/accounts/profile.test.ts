/** What people say of themselves, and what they cannot make of themselves. */
import { expect, it } from 'vitest'
import { callApi } from '../access/doors.ts'
import { startWorld } from '../harness/world.ts'

it('lets people change their name, language, time zone and telephone', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const profile = { name: 'Ada L.', locale: 'de-AT', zone: 'Europe/Vienna', phone: '+43 1 234567' }
  await ada.api.accounts.editProfile.mutate(profile)
  expect(await ada.api.accounts.me.query()).toMatchObject({ ...profile, role: 'agent' })
  await ada.api.accounts.editProfile.mutate({ phone: null })
  expect(await ada.api.accounts.me.query()).toMatchObject({ ...profile, phone: null })
})

it.each([
  { role: 'admin' },
  { status: 'active' },
  { departments: [] },
  { organisation: 'Acme' },
  { email: 'eve@example.com' },
  { number: 'TEC-0001' },
  { passwordHash: 'x' },
  { id: '0' },
  { scopeSeq: 0 },
  { userId: '0' },
])('refuses %o with a name, and changes nothing', async (extra) => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const before = await world.app.read.selectFrom('user').selectAll().execute()
  expect(await callApi(world.url, ada.token, 'accounts.editProfile', { name: 'Eve', ...extra })).toBe('invalid')
  expect(await world.app.read.selectFrom('user').selectAll().execute()).toEqual(before)
})

it.each([
  { name: '' },
  { name: 'x'.repeat(121) },
  { locale: 'not a tag' },
  { zone: 'Mars/Olympus' },
  { zone: '+02:00' },
  { phone: 'call me' },
  { phone: '=1+1' },
  {},
])('refuses %o', async (profile) => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  expect(await callApi(world.url, ada.token, 'accounts.editProfile', profile)).toBe('invalid')
})

it('shows a new name on the tickets of who asked or is responsible, on devices too', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const rita = await world.person('rita', 'requester')
  const { id: ticketId } = await world.ticket({ requesterId: rita.id, assignee: ada.person })
  await rita.api.accounts.editProfile.mutate({ name: 'Rita R.' })
  await ada.person.api.accounts.editProfile.mutate({ name: 'Ada L.' })
  await ada.rejoin()
  expect(ada.view(ticketId)).toMatchObject({ requesterName: 'Rita R.', assigneeName: 'Ada L.' })
})

it('is for whoever is signed in', async () => {
  await using world = await startWorld()
  expect(await callApi(world.url, 'nobody', 'accounts.editProfile', { name: 'Eve' })).toBe('unauthenticated')
})

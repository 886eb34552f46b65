/** People hear by mail of a sign-in from where they had not been. */
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { startMailedWorld } from '../harness/mailed-world.ts'

const DAY = 24 * 3_600_000
const BOB = { email: 'bob@example.com', password: 'correct horse battery' }
const NEWS = 'New sign-in to your account'

async function startOffice() {
  const office = await startMailedWorld({ proxies: 1 })
  const { api } = await office.world.desk()
  await api.accounts.createUser.mutate({ ...BOB, name: 'Bob', role: 'agent' })
  await office.deliver()
  return {
    ...office,
    /** Signs in from an address, and returns what Bob has been told since by mail. */
    async signInFrom(address: string, password = BOB.password): Promise<string[]> {
      const before = office.subjectsTo(BOB.email).length
      const from = (input: RequestInfo | URL, init: RequestInit = {}) => {
        const headers = new Headers(init.headers)
        headers.set('x-forwarded-for', address)
        headers.set('user-agent', 'Lynx/2.9')
        return fetch(input, { ...init, headers })
      }
      await connectApi(office.world.url, undefined, from)
        .accounts.logIn.mutate({ ...BOB, password })
        .catch(() => undefined)
      await office.deliver()
      return office.subjectsTo(BOB.email).slice(before)
    },
  }
}

it('tells of a network that is new, once, and not of the first one', async () => {
  await using office = await startOffice()
  expect(await office.signInFrom('192.0.2.1')).toEqual([])
  expect(await office.signInFrom('192.0.2.1')).toEqual([])
  expect(await office.signInFrom('198.51.100.7')).toEqual([NEWS])
  const text = office.post.received.at(-1)?.email.text
  expect(text).toContain('198.51.100.7')
  expect(text).toContain('Lynx/2.9')
  expect(await office.signInFrom('198.51.100.7')).toEqual([])
})

it('takes the addresses of one IPv6 network for one place', async () => {
  await using office = await startOffice()
  await office.signInFrom('2001:db8:1:2::1')
  expect(await office.signInFrom('2001:db8:1:2:aaaa::9')).toEqual([])
  expect(await office.signInFrom('2001:db8:1:3::1')).toEqual([NEWS])
})

it('says nothing of an attempt that failed', async () => {
  await using office = await startOffice()
  await office.signInFrom('192.0.2.1')
  expect(await office.signInFrom('198.51.100.7', 'not the password')).toEqual([])
})

it('forgets a place where somebody has not been for three months', async () => {
  await using office = await startOffice()
  await office.signInFrom('192.0.2.1')
  await office.signInFrom('198.51.100.7')
  await office.world.advance(60 * DAY)
  await office.signInFrom('192.0.2.1')
  await office.world.advance(40 * DAY)
  expect(await office.signInFrom('192.0.2.1')).toEqual([])
  expect(await office.signInFrom('198.51.100.7')).toEqual([NEWS])
})

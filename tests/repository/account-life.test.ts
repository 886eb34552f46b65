/** The life of an account runs with curl as it is printed in the docs. */
import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { signIn } from '@rejoin/client-sdk/sign-in.ts'
import { appOf } from '../accounts/second-step.ts'
import { startMailedWorld } from '../harness/mailed-world.ts'

const SDK_PAGE = readFileSync(resolve(import.meta.dirname, '../../client-sdk/README.md'), 'utf8')
const PAGE = readFileSync(resolve(import.meta.dirname, '../../docs/account-life.md'), 'utf8')
const SCRIPTS = [...PAGE.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, script = '']) => script)
const hasCurl = spawnSync('curl', ['--version']).status === 0

it.skipIf(!hasCurl)('runs the life of an account as it is printed', async () => {
  await using office = await startMailedWorld()
  const { token } = await office.world.desk()
  await office.world.department('support')
  const phone = appOf(office.world)
  const run = async (script: string | undefined, given: { LINK?: string; CODE?: string } = {}) => {
    const env = { PATH: process.env['PATH'], URL: office.world.url, ADMIN: token, ...given }
    const { stdout } = await promisify(execFile)('sh', ['-e', '-c', script ?? ''], { env })
    await office.deliver()
    return stdout
  }
  const [first, second, third, fourth, fifth, ...rest] = SCRIPTS
  expect(rest).toEqual([])
  await run(first)
  const life = await run(second, { LINK: office.tokenFor('rita@example.com') })
  expect(life).toContain('"name":"Rita R."')
  expect(life).toContain('"number":"CUS-0001"')
  expect(life).toContain('"number":"TKT-0001"')
  const offer = await run(third, { LINK: office.tokenFor('rita@example.com') })
  phone.take(/"secret":"(\w+)"/.exec(offer)?.[1] ?? '')
  expect(await run(fourth, { CODE: phone.code() })).toContain('"recoveryCodes":["')
  office.world.clock.advance(30_000)
  const end = await run(fifth, { CODE: phone.code() })
  expect(end).toContain('"recoveryCodesLeft":10')
  expect(end).toContain('"code":"unauthenticated"')
  expect(office.subjectsTo('rita@example.com')).toEqual([
    'Confirm your email address',
    'Welcome',
    'Your password was changed',
    'Set a new password',
    'Your password was changed',
  ])
})

it('runs the life of an account with the SDK as it is printed', async () => {
  await using office = await startMailedWorld()
  const { world } = office
  const phone = appOf(world)
  const email = 'rita@example.com'
  await (await world.desk()).api.accounts.setRegistration.mutate({ policy: 'open' })
  const given = {
    connectApi,
    signIn,
    url: world.url,
    email,
    password: 'correct horse battery',
    async link() {
      await office.deliver()
      return office.tokenFor(email)
    },
    /** A code is good once, so each is that of another half minute. */
    async code(secret?: string) {
      if (secret !== undefined) phone.take(secret)
      world.clock.advance(30_000)
      return phone.code()
    },
  }
  const example = /## The life of an account[\s\S]*?```ts\n([\s\S]*?)```/.exec(SDK_PAGE)?.[1] ?? ''
  const body = example.replaceAll(/^import .*$/gm, '')
  const AsyncFunction = (async () => {}).constructor as new (
    ...words: string[]
  ) => (...values: unknown[]) => Promise<unknown>
  const run = new AsyncFunction(...Object.keys(given), body)
  expect(await run(...Object.values(given))).toMatchObject({ name: 'Rita', email, number: 'CUS-0001' })
})

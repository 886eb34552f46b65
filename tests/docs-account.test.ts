/** The life of an account runs with curl as it is printed in the docs. */
import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { startMailedWorld } from './harness/mailed-world.ts'

const PAGE = readFileSync(resolve(import.meta.dirname, '../docs/account-life.md'), 'utf8')
const SCRIPTS = [...PAGE.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, script = '']) => script)
const hasCurl = spawnSync('curl', ['--version']).status === 0

it.skipIf(!hasCurl)('runs the life of an account as it is printed', async () => {
  await using office = await startMailedWorld()
  const { token } = await office.world.desk()
  await office.world.department('support')
  const run = async (script: string | undefined, link = '') => {
    const env = { PATH: process.env['PATH'], URL: office.world.url, ADMIN: token, LINK: link }
    const { stdout } = await promisify(execFile)('sh', ['-e', '-c', script ?? ''], { env })
    await office.deliver()
    return stdout
  }
  const [first, second, third, ...rest] = SCRIPTS
  expect(rest).toEqual([])
  await run(first)
  const life = await run(second, office.tokenFor('rita@example.com'))
  expect(life).toContain('"name":"Rita R."')
  expect(life).toContain('"number":"CUS-0001"')
  expect(life).toContain('"number":"TKT-0001"')
  const end = await run(third, office.tokenFor('rita@example.com'))
  expect(end).toContain('"code":"unauthenticated"')
  expect(office.subjectsTo('rita@example.com')).toEqual([
    'Confirm your address',
    'Welcome',
    'Your password was changed',
    'Set a new password',
    'Your password was changed',
  ])
})

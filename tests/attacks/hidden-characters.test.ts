/**
 * Characters that nobody sees, and that a terminal or a mail program obeys: each door shows the text around them, but
 * none of them. The stored text keeps them.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { createLog } from '@rejoin/server/core/runtime/log.ts'
import { giveEarlierName } from '../harness/earlier-name.ts'
import { startMailServer } from '../harness/mail-server.ts'
import { makeWorkspace } from '../harness/empty-workspace.ts'
import { rejoin } from '../harness/rejoin.ts'
import { startWorld } from '../harness/world.ts'

const MINUTE = 60_000

function range(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => String.fromCodePoint(first + index))
}

const CONTROLS = [...range(0x01, 0x1f), ...range(0x7f, 0x9f)]
const DIRECTIONS = ['\u061C', '\u200E', '\u200F', ...range(0x202a, 0x202e), ...range(0x2066, 0x2069)]
const HIDDEN = [...CONTROLS, ...DIRECTIONS, '\u2028', '\u2029']
/** With each of them, and as sequences: red, a window's title, a cleared screen, text that runs the other way. */
const HOSTILE = `Bob ${HIDDEN.join('x')} \u001B[31mred\u001B]0;title\u0007\u009B2J \u202Egnp.exe end`

/** As many hidden characters as a name may have. */
const NAME = `Bob ${HIDDEN.join('')} gnp.exe end`

function hiddenIn(text: string): string[] {
  return HIDDEN.filter((each) => !'\r\n\t'.includes(each) && text.includes(each)).map(
    (each) => `U+${each.codePointAt(0)?.toString(16) ?? ''}`,
  )
}

it('shows none of them in a letter', async () => {
  await using post = await startMailServer()
  await using world = await startWorld({ settings: post.settings })
  const { api } = await world.desk()
  const password = 'correct horse battery'
  const bob = { name: 'Bob', email: 'bob@example.org', role: 'admin', password } as const
  await api.accounts.createUser.mutate(bob)
  await giveEarlierName(world, { email: bob.email, name: NAME })
  await connectApi(world.url).accounts.requestPasswordReset.mutate({ email: bob.email })
  await world.advance(MINUTE)
  const { email } = post.received.at(-1) ?? {}
  const { subject = '', text = '', html = '' } = email ?? {}
  expect(hiddenIn(`${subject}${text}${html}`)).toEqual([])
  expect(text).toContain('Hello Bob ')
  expect(text.replaceAll('\n', ' ')).toContain('gnp.exe end,')
  const { name } = await world.app.read
    .selectFrom('user')
    .select('name')
    .where('email', '=', 'bob@example.org')
    .executeTakeFirstOrThrow()
  expect(name).toBe(NAME)
})

it('writes none of them to the log, and all of them as JSON has them', async () => {
  const lines: string[] = []
  const log = createLog('debug', { write: (line) => void lines.push(line) })
  await using world = await startWorld({ log })
  await fetch(`${world.url}/${encodeURIComponent(HOSTILE)}`, { headers: { 'x-request-id': 'a\u009Bb' } })
  log.error({ err: new Error(HOSTILE), place: { [HOSTILE]: HOSTILE } }, HOSTILE)
  expect(hiddenIn(lines.join(''))).toEqual([])
  expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true)
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ msg: HOSTILE, place: { [HOSTILE]: HOSTILE } })
})

it('prints none of them: in a report of a file, in an error, in JSON', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'rejoin-hidden-'))
  try {
    makeWorkspace(join(dir, 'data'))
    const env = { REJOIN_DATA_DIR: join(dir, 'data'), REJOIN_LOG_LEVEL: 'silent' }
    const quoted = HOSTILE.replaceAll('"', '')
    writeFileSync(join(dir, 'people.csv'), `name,email,role,departments\nBob,bob@example.com,agent,"${quoted}"\n`)
    const runs = [
      await rejoin(['import', 'people', 'people.csv'], { env, cwd: dir }),
      await rejoin(['import', 'people', HOSTILE], { env, cwd: dir }),
      await rejoin(['import', 'servicenow', HOSTILE, '--json'], { env, cwd: dir }),
      await rejoin([HOSTILE], { env, cwd: dir }),
    ]
    expect(runs.map(({ out, errors }) => hiddenIn(`${out}${errors}`))).toEqual(runs.map(() => []))
    const [report, error] = runs
    expect(report?.out).toContain('there is no department Bob ')
    expect(report?.out.trim().split('\n')).toHaveLength(2)
    expect(error?.errors.trim().split('\n')).toHaveLength(1)
  } finally {
    rmSync(dir, { recursive: true })
  }
}, 120_000)

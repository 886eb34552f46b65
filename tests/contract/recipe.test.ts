/**
 * The recipe of CONTRIBUTING.md for a new command, followed in memory: with all of it the program compiles, and
 * without any one piece the compiler, or the check of another test, names the piece that lacks.
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startCompiler, USES } from './recipe/compiler.ts'
import type { Played } from './recipe/play.ts'
import { DEVICE_COMMAND, OFFICE_COMMAND, ROOT, sourcesWithout } from './recipe/steps.ts'

let compiler: ReturnType<typeof startCompiler>
let played: Played

beforeAll(async () => {
  const running = runExample()
  compiler = startCompiler(sourcesWithout())
  played = await running
})

afterAll(() => compiler[Symbol.dispose]())

it('compiles with all pieces of an example command of devices and one of the office', () => {
  expect(compiler.everything()).toBe('')
})

const SLICE = 'server/src/slices/tickets/commands.ts'

it.each([
  ['its declaration', 'shared/src/tickets/commands.ts', /Cannot find module '.*commands\/pin\.ts'/],
  ['its line in the list of the noun', SLICE, /'pin' does not exist in type 'Serving/],
  ['its implementation', SLICE, /Cannot find module '\.\/commands\/pin\.ts'/],
  ['its line in the list of the slice', SLICE, /Property 'pin' is missing in type .* 'Serving/],
] as const)('names what is missing of a command of devices without %s', (piece, file, sentence) => {
  expect(compiler.in(file, sourcesWithout(DEVICE_COMMAND[piece]))).toMatch(sentence)
})

it.each([
  ['its declaration', 'server/src/slices/devices/commands.ts', /Property 'ring' does not exist on type .*contract/],
  ['its implementation', 'server/src/slices/devices/router.ts', /has no exported member 'ringDevice'/],
  ['its line in the router', USES, /Property 'ring' does not exist on type/],
] as const)('names what is missing of a command of the office without %s', (piece, file, sentence) => {
  expect(compiler.in(file, sourcesWithout(OFFICE_COMMAND[piece]))).toMatch(sentence)
})

it('touches the files that CONTRIBUTING.md says', () => {
  const page = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')
  for (const { file } of Object.values(DEVICE_COMMAND)) {
    const inFolder = `${dirname(file)}/`
    const inSlice = file.startsWith('server/src/slices/') && `slice's \`${basename(file)}\``
    expect([file, inFolder, inSlice].filter((named) => named !== false && page.includes(named))).not.toEqual([])
  }
  for (const { file } of [OFFICE_COMMAND['its declaration'], OFFICE_COMMAND['its line in the router']]) {
    expect(page.replaceAll(/\s+/g, ' ')).toContain(`slice's \`${basename(file)}\``)
  }
})

it('makes a command that is called by the API, by the method of the SDK and by the door of devices', () => {
  expect(played.calls).toEqual({
    byApi: { site: 'Pinned', byStranger: 'not-found', ofNoDevice: 'not-found' },
    byMethod: { predicted: 'Pinned', outcome: 'applied', site: 'Pinned' },
    bySync: { outcome: 'applied', site: 'Pinned' },
  })
})

const OFFICE_TOO = ['devices.ring', 'tickets.pin']

it.each([
  ['its row of the access table', OFFICE_TOO, /^\S+ is in no table\. Say in tests\/access\/table\.ts who may call it/],
  ['its row of the scopes', ['tickets.pin'], /Add a row of SCOPES in tests\/access\/table\.ts/],
  ['the schema of its input', ['ticket.pin'], /add a stored command and run: node tests\/sync\/versions\/fixtures\.ts/],
  ['its stored command', ['ticket.pin'], /add a stored command to tests\/sync\/versions\/schema-\d+\.json/],
  ['its call in the story', OFFICE_TOO, /add a call to tests\/reference\/story\/, then run: pnpm api/],
] as const)('says what to do about a command without %s', (piece, names, sentence) => {
  const said = played.without[piece]
  expect(said.map((each) => names.find((name) => each.includes(name)))).toEqual(names)
  for (const each of said) expect(each).toMatch(sentence)
})

it('asks for nothing more, and has an entry of each on the reference page', () => {
  expect(played.withAll).toEqual([])
  expect(played.entries).toEqual(OFFICE_TOO)
})

/** The program with the examples runs in a process of its own, since other tests of this one have it without. */
async function runExample(): Promise<Played> {
  const run = promisify(execFile)
  const env = { ...process.env, NODE_OPTIONS: '' }
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'recipe/example.ts')], { env })
  return JSON.parse(stdout) as Played
}

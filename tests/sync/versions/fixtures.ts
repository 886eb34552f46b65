/**
 * What devices of each released version queue, as they do: a command for each name, and the schemas of their inputs.
 * `schema-<version>.json` is frozen when the next version begins. Ids that a world mints are named (`$ticket`).
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { DEVICE_COMMANDS } from '@rejoin/shared/commands.ts'
import { SCHEMA_VERSION } from '@rejoin/shared/sync/upcast.ts'

export interface StoredCommand {
  readonly name: string
  readonly input: Readonly<Record<string, unknown>>
}

export interface Fixture {
  readonly commands: readonly StoredCommand[]
  /** JSON schemas by the name of the command. */
  readonly inputs: Readonly<Record<string, unknown>>
}

export const VERSIONS = Array.from({ length: SCHEMA_VERSION }, (_, index) => index + 1)

/** Throws, with what to do, where there is none. */
export function readFixture(version: number): Fixture {
  const file = fileOf(version)
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Fixture
  throw new Error(
    `Schema ${version} has no fixture. Copy schema-${version - 1}.json to schema-${version}.json, change the commands ` +
      'that are made differently now, and run: node tests/sync/versions/fixtures.ts',
  )
}

/** The commands whose inputs are not what the fixture says, with what to do. */
export function changesSince({ inputs }: Fixture): string[] {
  const now = inputsNow()
  const names = new Set([...Object.keys(inputs), ...Object.keys(now)])
  return [...names].filter((name) => !isDeepStrictEqual(inputs[name], now[name])).map((name) => `${name}: ${ADVICE}`)
}

const ADVICE =
  'its input has changed. If it only takes more than before (a new command, a field that may be left out), add a ' +
  'stored command and run: node tests/sync/versions/fixtures.ts. If it refuses what was taken before, add a step to ' +
  'shared/src/sync/upcast.ts, which makes a new version.'

/** The names that have an input but no stored command, or the other way round, with what to do. */
export function withoutCommand({ commands, inputs }: Fixture): string[] {
  const [stored, declared] = [new Set(commands.map(({ name }) => name)), new Set(Object.keys(inputs))]
  const lonely = [...new Set([...stored, ...declared])].filter((name) => !stored.has(name) || !declared.has(name))
  return lonely.map((name) => `${name}: add a stored command to tests/sync/versions/schema-${SCHEMA_VERSION}.json.`)
}

/** The schemas of the inputs as they are today. */
export function inputsNow(): Fixture['inputs'] {
  const schemas = Object.entries(DEVICE_COMMANDS).map(([name, { input }]) => [
    name,
    z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }),
  ])
  return JSON.parse(JSON.stringify(Object.fromEntries(schemas))) as Fixture['inputs']
}

function fileOf(version: number): URL {
  return new URL(`schema-${version}.json`, import.meta.url)
}

if (import.meta.main) {
  const fixture = { ...readFixture(SCHEMA_VERSION), inputs: inputsNow() }
  writeFileSync(fileOf(SCHEMA_VERSION), `${JSON.stringify(fixture, null, 2)}\n`)
}

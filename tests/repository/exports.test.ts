/** Every function, class and constant that a file exports is used by the program: what only tests use is dead code. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const PROGRAM = ['shared/src', 'server/src', 'client-sdk/src']
/** The generator of `docs/api.md` is no test. */
const IS_TEST = /^tests\/(?!reference\/page\/)/
/** The entry points of apps that use the SDK. */
const ENTRIES = /^client-sdk\/src\/(api|open-device|sign-in|stores\/\w+)\.ts$/

const EXPORT = /^export (?:async )?(?:abstract )?(?:function\*?|class|const|let) (\w+)/gm
const IMPORT = /^(?:import|export)\s([^'"]*?)\sfrom\s+'([^']+)'/gm
const DYNAMIC = /import\('([^']+)'\)/g

interface File {
  readonly path: string
  readonly source: string
}

const files = new Map([...PROGRAM, 'server/build', 'tests'].map((folder) => [folder, filesBelow(folder)] as const))

function filesBelow(folder: string): File[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.m?ts$/.test(name) && !name.includes('node_modules') && !name.startsWith('dist/'))
    .map((name) => ({ path: join(folder, name), source: readFileSync(join(ROOT, folder, name), 'utf8') }))
}

/** `path#name` of each import; `path#*` where a file takes all of another one, with its own text. */
function importsOf({ path, source }: File): string[] {
  const named = [...source.matchAll(IMPORT)].flatMap(([, what = '', from = '']) =>
    [...what.matchAll(/(\w+)(?: as \w+)?(?=\s*[,}]|$)/g)].map(([, name]) => `${targetOf(path, from)}#${name}`),
  )
  const wholes = [...source.matchAll(IMPORT)].filter(([, what = '']) => what.includes('*')).map(([, , from]) => from)
  const dynamic = [...source.matchAll(DYNAMIC)].map(([, from]) => from)
  const words = [...new Set(source.match(/\w+/g))]
  return [
    ...named,
    ...[...wholes, ...dynamic].flatMap((from = '') => words.map((word) => `${targetOf(path, from)}#${word}`)),
  ]
}

function targetOf(from: string, specifier: string): string {
  if (specifier.startsWith('.')) return relative(ROOT, resolve(ROOT, dirname(from), specifier))
  return specifier.replace(/^@rejoin\/(shared|server|client-sdk)\//, '$1/src/')
}

it('exports nothing that the program does not use', () => {
  const program = PROGRAM.flatMap((folder) => files.get(folder) ?? [])
  const all = [...files.values()].flat()
  const used = new Set(all.flatMap(importsOf))
  const usedByProgram = new Set(all.filter(({ path }) => !IS_TEST.test(path)).flatMap(importsOf))
  const exported = program
    // Of declared events types are made; `machine/events.test.ts` finds one that is not recorded.
    .filter(({ path }) => !ENTRIES.test(path) && !path.endsWith('/events.ts'))
    .flatMap(({ path, source }) => [...source.matchAll(EXPORT)].map(([, name = '']) => ({ path, source, name })))
  expect(exported.length).toBeGreaterThan(1000)
  const unused = exported.filter(({ path, source, name }) => {
    const isUsedInside = (source.match(new RegExp(`\\b${name}\\b`, 'g')) ?? []).length > 1
    return !(isUsedInside ? used : usedByProgram).has(`${path}#${name}`)
  })
  expect(unused.map(({ path, name }) => `${path}: ${name}`)).toEqual([])
})

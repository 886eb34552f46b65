/** The directions in which code may import, and that no imports go in a circle. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const IMPORT = /^(?:import|export)\s[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|import\('([^']+)'\)/gm

interface Import {
  readonly from: string
  /** A path in the repository, or the name of a package. */
  readonly to: string
  readonly isType: boolean
}

const IMPORTS: readonly Import[] = ['shared/src', 'migrations', 'server/src', 'client-sdk/src'].flatMap(importsBelow)

function importsBelow(folder: string): Import[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return files
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules') && !name.startsWith('dist'))
    .flatMap((name) => importsOf(join(folder, name)))
}

function importsOf(from: string): Import[] {
  const source = readFileSync(join(ROOT, from), 'utf8')
  return [...source.matchAll(IMPORT)].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? ''
    return { from, to: targetOf(from, specifier), isType: match[0].startsWith('import type') }
  })
}

function targetOf(from: string, specifier: string): string {
  if (specifier.startsWith('.')) return relative(ROOT, resolve(ROOT, dirname(from), specifier))
  const own = /^@rejoin\/(shared|server|client-sdk|migrations)\/(.+)$/.exec(specifier)
  if (own === null) return specifier
  const [, place = '', path = ''] = own
  return place === 'migrations' ? join(place, path) : join(place, 'src', path)
}

function offenders(isOffence: (each: Import) => boolean): string[] {
  return IMPORTS.filter(isOffence).map(({ from, to }) => `${from} imports ${to}`)
}

function isIn(path: string, ...folders: string[]): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`))
}

/** What puts the program together besides the files beside them: the command line, what looks at it or mends it, what serves it. */
const PROGRAM = ['cli', 'clock', 'demo', 'doctor', 'health', 'web']

/** `server/src/slices/tickets/rows.ts` → `tickets`; null for what puts the program together. */
function sliceOf(path: string): string | null {
  const folder = /^server\/src\/([^/]+)\//.exec(path)?.[1]
  return folder === undefined || PROGRAM.includes(folder) ? null : folder
}

it('reads the imports of the whole program', () => {
  expect(IMPORTS.length).toBeGreaterThan(300)
})

it('keeps shared pure: it imports itself and four libraries without I/O', () => {
  const allowed = ['zod', 'yjs', 'cborg', 'temporal-polyfill']
  expect(offenders(({ from, to }) => isIn(from, 'shared') && !isIn(to, 'shared') && !allowed.includes(to))).toEqual([])
})

it('keeps migrations apart from the server', () => {
  expect(
    offenders(({ from, to }) => isIn(from, 'migrations') && !isIn(to, 'migrations') && !to.startsWith('kysely')),
  ).toEqual([])
})

it('keeps the machine free of domain slices', () => {
  const own = (to: string) => isIn(to, 'server/src/core', 'shared', 'migrations') || !to.includes('/src/')
  expect(offenders(({ from, to }) => isIn(from, 'server/src/core') && !own(to))).toEqual([])
})

it('lets a slice read another slice by its queries, and a door run its commands', () => {
  // What is parked came by a door, and its commands run when somebody has decided. An escalation asks for what a person
  // could ask for.
  const doors = ['sync', 'yjs', 'parked']
  const readable = /\/queries\.ts$/
  const runnable = /\/(queries|commands|direct-write)\.ts$/
  const isOffence = ({ from, to }: Import) => {
    const [own, other] = [sliceOf(from), sliceOf(to)]
    if (own === null || other === null || own === other || other === 'core') return false
    if (isIn(from, 'server/src/slices/sla/escalation') && to.endsWith('/tickets/commands.ts')) return false
    if (doors.includes(own)) return !runnable.test(to) && !doors.includes(other)
    return !readable.test(to)
  }
  expect(offenders(isOffence)).toEqual([])
})

it('lets no slice import the files that put the program together', () => {
  const isRoot = (to: string) => to.startsWith('server/src/') && sliceOf(to) === null
  expect(offenders(({ from, to }) => sliceOf(from) !== null && sliceOf(from) !== 'import' && isRoot(to))).toEqual([])
})

it('lets the SDK import types of the server, and nothing else of it', () => {
  expect(offenders(({ from, to, isType }) => isIn(from, 'client-sdk') && isIn(to, 'server') && !isType)).toEqual([])
})

it('lets only core/db.ts know better-sqlite3, only accounts/sessions.ts Lucia, only config.ts the environment', () => {
  expect(
    offenders(({ from, to, isType }) => to === 'better-sqlite3' && !isType && from !== 'server/src/core/storage/db.ts'),
  ).toEqual([])
  expect(offenders(({ from, to }) => to === 'lucia' && from !== 'server/src/slices/accounts/sessions.ts')).toEqual([])
  const readers = serverFiles().filter((name) => sourceOf(name).includes('process.env'))
  expect(readers).toEqual(['server/src/main.ts'])
})

it('lets only core/terminal.ts write to the terminal, and only core/standard-output.ts reach it', () => {
  const filesWith = (pattern: RegExp) => serverFiles().filter((name) => pattern.test(sourceOf(name)))
  expect(filesWith(/process\.std(out|err)\.write|console\.\w+\(/)).toEqual([])
  expect(filesWith(/standard(Output|Error)\.(write|print)\(/)).toEqual(['server/src/core/runtime/terminal.ts'])
  expect(filesWith(/process\.stdout(?!\.isTTY)/)).toEqual(['server/src/core/runtime/standard-output.ts'])
})

it('reads the time of the machine in three places: the default clock, and the adapters to Lucia and the limiter', () => {
  const readers = serverFiles().filter((name) => /Date\.now|new Date\(\)|performance\.now/.test(sourceOf(name)))
  expect(readers.toSorted()).toEqual([
    'server/src/slices/accounts/sessions.ts',
    'server/src/core/runtime/clock.ts',
    'server/src/http/rate-limit.ts',
  ])
})

it('has no import cycles', () => {
  const graph = Map.groupBy(IMPORTS, ({ from }) => from)
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
    if (path.includes(file) || done.has(file)) return
    for (const { to } of graph.get(file) ?? []) visit(to, [...path, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  expect(cycles).toEqual([])
})

function serverFiles(): string[] {
  const names = readdirSync(join(ROOT, 'server/src'), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.ts')).map((name) => join('server/src', name))
}

function sourceOf(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8')
}

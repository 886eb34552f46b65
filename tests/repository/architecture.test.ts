/** The shape of the program: which rooms import which, no imports in a circle, and files and functions of a readable size. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { parseSync, Visitor } from 'rolldown/utils'
import { expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const PACKAGES = ['shared/src', 'migrations', 'server/src', 'client-sdk/src']
const IMPORT = /^(?:import|export)\s[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|import\('([^']+)'\)/gm

/** The rooms of the server, in the order in which they stand on each other. A file beside the folders is in `app`. */
const ROOMS = ['core', 'slices', 'access', 'operations', 'doors', 'app', 'http', 'cli']

interface Import {
  readonly from: string
  /** A path in the repository, or the name of a package. */
  readonly to: string
  readonly isType: boolean
}

const FILES = PACKAGES.flatMap(sourcesBelow)
const IMPORTS = FILES.flatMap(importsOf)

function sourcesBelow(folder: string): string[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return files
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules') && !name.startsWith('dist'))
    .map((name) => join(folder, name))
}

function importsOf(from: string): Import[] {
  return [...sourceOf(from).matchAll(IMPORT)].map((match) => {
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

function sourceOf(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8')
}

function offenders(isOffence: (each: Import) => boolean): string[] {
  return IMPORTS.filter(isOffence).map(({ from, to }) => `${from} imports ${to}`)
}

function isIn(path: string, ...folders: string[]): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`))
}

/** Null outside the server. Its entry, `main.ts`, begins the command line. */
function roomOf(path: string): string | null {
  const [, file = '', isBelow] = /^server\/src\/([^/]+)(\/)?/.exec(path) ?? []
  if (file === '') return null
  if (isBelow !== undefined) return file
  return file === 'main.ts' ? 'cli' : 'app'
}

/** `server/src/slices/tickets/rows.ts` → `tickets`; null outside the slices. */
function sliceOf(path: string): string | null {
  return /^server\/src\/slices\/([^/]+)\//.exec(path)?.[1] ?? null
}

function isInRoom(path: string, ...rooms: string[]): boolean {
  return rooms.includes(roomOf(path) ?? '')
}

it('reads the imports of the whole program', () => {
  expect(IMPORTS.length).toBeGreaterThan(1000)
  const rooms = new Set(FILES.flatMap((path) => roomOf(path) ?? []))
  expect([...rooms].toSorted()).toEqual(ROOMS.toSorted())
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

it('lets the SDK import types of the server, and nothing else of it', () => {
  expect(offenders(({ from, to, isType }) => isIn(from, 'client-sdk') && isIn(to, 'server') && !isType)).toEqual([])
})

it('lets a room of the server import only itself and the rooms below it', () => {
  const level = (path: string) => ROOMS.indexOf(roomOf(path) ?? '')
  expect(offenders(({ from, to }) => roomOf(from) !== null && level(to) > level(from))).toEqual([])
})

it('lets a slice read another by its queries.ts and events.ts and act by its commands.ts, and nothing else', () => {
  const isOffence = ({ from, to }: Import) => {
    const [own, other] = [sliceOf(from), sliceOf(to)]
    return own !== null && other !== null && own !== other && !/\/(queries|events|commands)\.ts$/.test(to)
  }
  expect(offenders(isOffence)).toEqual([])
})

it('lets access, operations and doors use what they need of a slice, and leaves its parts to the composition root', () => {
  const isPart = /\/(router|tables|reaction|reactions)\.ts$/
  const isOffence = ({ from, to }: Import) =>
    isInRoom(from, 'access', 'operations', 'doors') && sliceOf(to) !== null && isPart.test(to)
  expect(offenders(isOffence)).toEqual([])
})

it('keeps the SLA engine pure: it imports itself, shared and its schemas’ library, and reads no clock', () => {
  const engine = 'server/src/slices/sla/engine'
  expect(offenders(({ from, to }) => isIn(from, engine) && !isIn(to, engine, 'shared') && to !== 'zod')).toEqual([])
  const impure = /Date\.now|new Date\(\)|performance\.|\bprocess\.|Math\.random|Temporal\.Now/
  expect(FILES.filter((path) => isIn(path, engine) && impure.test(sourceOf(path)))).toEqual([])
})

it('lets the parts of each folder, its files and folders, import each other in no circle', () => {
  const levels = new Map<string, Map<string, Set<string>>>()
  for (const { from, to } of IMPORTS) {
    const [own, other] = [from.split('/'), to.split('/')]
    const depth = own.findIndex((part, index) => part !== other[index])
    const [part, needed] = [own[depth], other[depth]]
    if (part === undefined || needed === undefined || !isIn(to, 'server', 'shared', 'client-sdk', 'migrations'))
      continue
    const folder = own.slice(0, depth).join('/')
    const parts = levels.get(folder) ?? new Map<string, Set<string>>()
    levels.set(folder, parts.set(part, (parts.get(part) ?? new Set()).add(needed)))
  }
  expect(levels.size).toBeGreaterThan(40)
  const circles = [...levels].flatMap(([folder, parts]) => circleIn(parts).map((circle) => `${folder}: ${circle}`))
  expect(circles).toEqual([])
})

function circleIn(needs: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const done = new Set<string>()
  const circles: string[] = []
  const follow = (part: string, path: readonly string[]): void => {
    if (path.includes(part)) circles.push([...path.slice(path.indexOf(part)), part].join(' → '))
    if (path.includes(part) || done.has(part)) return
    for (const needed of needs.get(part) ?? []) follow(needed, [...path, part])
    done.add(part)
  }
  for (const part of needs.keys()) follow(part, [])
  return circles
}

it('lets only storage/sqlite.ts know better-sqlite3, only accounts/sessions.ts Lucia, only main.ts the environment', () => {
  const driver = 'server/src/core/storage/sqlite.ts'
  expect(offenders(({ from, to, isType }) => to === 'better-sqlite3' && !isType && from !== driver)).toEqual([])
  expect(offenders(({ from, to }) => to === 'lucia' && from !== 'server/src/slices/accounts/sessions.ts')).toEqual([])
  expect(serverFilesWith(/process\.env/)).toEqual(['server/src/main.ts'])
})

it('lets only core/runtime/terminal.ts write to the terminal, and only standard-output.ts reach it', () => {
  expect(serverFilesWith(/process\.std(out|err)\.write|console\.\w+\(/)).toEqual([])
  expect(serverFilesWith(/standard(Output|Error)\.(write|print)\(/)).toEqual(['server/src/core/runtime/terminal.ts'])
  expect(serverFilesWith(/process\.stdout(?!\.isTTY)/)).toEqual(['server/src/core/runtime/standard-output.ts'])
})

it('reads the time of the machine in three places: the default clock, and the adapters to Lucia and the limiter', () => {
  expect(serverFilesWith(/Date\.now|new Date\(\)|performance\.now/).toSorted()).toEqual([
    'server/src/core/runtime/clock.ts',
    'server/src/http/rate-limit.ts',
    'server/src/slices/accounts/sessions.ts',
  ])
})

function serverFilesWith(pattern: RegExp): string[] {
  return FILES.filter((name) => isIn(name, 'server') && pattern.test(sourceOf(name)))
}

it('composes the program in a few files: eight beside the rooms, and an app.ts of thirty imports', () => {
  const loose = FILES.filter((path) => dirname(path) === 'server/src')
  expect(loose.length).toBeLessThanOrEqual(8)
  expect(IMPORTS.filter(({ from }) => from === 'server/src/app.ts').length).toBeLessThanOrEqual(30)
})

it('keeps each test file in the folder of its subject', () => {
  expect(readdirSync(join(ROOT, 'tests')).filter((name) => name.endsWith('.test.ts'))).toEqual([])
})

it('keeps files small: half of them have 60 lines at most, nine of ten 150, and none more than 260', () => {
  const files = FILES.filter((path) => !isIn(path, 'migrations'))
  const sizes = files.map((path) => ({ path, lines: sourceOf(path).split('\n').length - 1 }))
  const inOrder = sizes.map(({ lines }) => lines).toSorted((a, b) => a - b)
  const quantile = (part: number) => inOrder[Math.ceil(part * inOrder.length) - 1] ?? 0
  expect(quantile(0.5)).toBeLessThanOrEqual(60)
  expect(quantile(0.9)).toBeLessThanOrEqual(150)
  expect(sizes.filter(({ lines }) => lines > 260)).toEqual([])
})

it('keeps functions short: four have more than 40 lines', () => {
  const long = FILES.filter((path) => !isIn(path, 'migrations')).flatMap(longFunctionsOf)
  expect(long.length > 4 ? long : []).toEqual([])
})

function longFunctionsOf(path: string): string[] {
  const source = sourceOf(path)
  const found: string[] = []
  const measure = ({ start, end }: { readonly start: number; readonly end: number }) => {
    const lines = source.slice(start, end).split('\n').length
    if (lines > 40) found.push(`${path}: ${lines} lines from "${source.slice(start, source.indexOf('\n', start))}"`)
  }
  const visitor = new Visitor({
    FunctionDeclaration: measure,
    FunctionExpression: measure,
    ArrowFunctionExpression: measure,
  })
  visitor.visit(parseSync(path, source).program)
  return found
}

/**
 * The type checker on the program with some sources changed in memory. It reads and parses the program once; after a
 * change it checks only the files that are asked about. `typescript/unstable` may change with a new version of TypeScript.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { API, type Diagnostic, type Program } from 'typescript/unstable/sync'
import { ROOT } from './steps.ts'

type Sources = ReadonlyMap<string, string | null>

const CONFIG = join(ROOT, 'tsconfig.recipe.json')
/** Callers of the example commands. */
export const USES = 'uses-of-the-recipe.ts'

const base = JSON.parse(readFileSync(join(ROOT, 'tsconfig.base.json'), 'utf8')) as { compilerOptions: object }

const OWN: ReadonlyMap<string, string> = new Map([
  [
    CONFIG,
    JSON.stringify({
      compilerOptions: {
        ...base.compilerOptions,
        composite: false,
        declaration: false,
        emitDeclarationOnly: false,
        noEmit: true,
        paths: { '@rejoin/shared/*': ['./shared/src/*'], '@rejoin/migrations/*': ['./migrations/*'] },
      },
      // Slices merge their tables and events into those of the core.
      include: ['server/src/**/tables.ts', 'server/src/**/events.ts'],
      files: [USES],
    }),
  ],
  [
    join(ROOT, USES),
    `import './server/src/router.ts'
import { devices } from './server/src/slices/devices/router.ts'
export const used = devices.ring
`,
  ],
])

export function startCompiler(sources: Sources) {
  let current = sources
  const api = new API({
    cwd: ROOT,
    fs: {
      readFile: (path) => OWN.get(path) ?? current.get(path),
      fileExists: (path) => (OWN.has(path) ? true : isThere(current.get(path))),
    },
  })
  let program = programOf(api.updateSnapshot({ openProjects: [CONFIG] }))

  return {
    /** What the checker says of the whole program. */
    everything: () => report(program),
    /** What it says of one file after these changes. */
    in(file: string, changed: Sources): string {
      current = changed
      program = programOf(api.updateSnapshot({ fileChanges: { changed: [...changed.keys()] } }))
      return report(program, join(ROOT, file))
    },
    [Symbol.dispose]: () => api.close(),
  }
}

function isThere(source: string | null | undefined): boolean | undefined {
  return source === undefined ? undefined : source !== null
}

function programOf(snapshot: ReturnType<API['updateSnapshot']>): Program {
  const project = snapshot.getProject(CONFIG)
  if (project === undefined) throw new Error(`the compiler has no project ${CONFIG}`)
  return project.program
}

function report(program: Program, path?: string): string {
  const found = [...program.getSyntacticDiagnostics(path), ...program.getSemanticDiagnostics(path)]
  return found.map((each) => `${each.fileName ?? ''}: ${textOf(each)}`).join('\n')
}

function textOf({ text, messageChain = [] }: Diagnostic): string {
  return [text, ...messageChain.map(textOf)].join('\n')
}

/** Node and the bundle as one file, by Node's own `--build-sea`. */
import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { SQLITE_ADDON } from '@rejoin/server/core/storage/sqlite-addon.ts'
import { WORKER_ASSET } from '@rejoin/server/core/runtime/workers/workers.ts'
import { COMMIT_ASSET } from '@rejoin/server/operations/version.ts'
import { nodeFor, withoutSymbols, type Arch } from './node-binary.ts'
import { SERVER } from './paths.ts'

/**
 * As in `pnpm start`: a larger young generation makes the server larger, and hardly faster. After `--` Node takes no
 * option for its own: Node has an `--env-file` as well.
 */
const NODE_ARGUMENTS = ['--max-semi-space-size=8', '--']

export interface Executable {
  readonly code: string
  readonly workerCode: string
  readonly commit: string
  readonly arch: Arch
}

/** Writes the executable to `file`, by way of a folder beside it. */
export function makeExecutable(file: string, { code, workerCode, commit, arch }: Executable): void {
  const folder = `${file}.parts`
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'main.mjs'), code)
  writeFileSync(join(folder, 'node'), withoutSymbols(readFileSync(nodeFor(arch))), { mode: 0o755 })
  writeFileSync(join(folder, COMMIT_ASSET), commit)
  writeFileSync(join(folder, WORKER_ASSET), workerCode)
  const config = {
    // The name is written into the file: it says nothing about this machine.
    main: 'main.mjs',
    mainFormat: 'module',
    executable: 'node',
    output: file,
    // Made by V8 at random, and for one processor: two builds would differ.
    useCodeCache: false,
    disableExperimentalSEAWarning: true,
    execArgv: NODE_ARGUMENTS,
    // The executable is no longer Node, so it takes no Node options from the environment.
    execArgvExtension: 'none',
    assets: {
      ...staticFiles(),
      [SQLITE_ADDON]: addonFor(arch),
      [COMMIT_ASSET]: COMMIT_ASSET,
      [WORKER_ASSET]: WORKER_ASSET,
    },
  }
  writeFileSync(join(folder, 'sea.json'), JSON.stringify(config))
  execFileSync(process.execPath, ['--build-sea', 'sea.json'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  rmSync(folder, { recursive: true })
}

/** The files that `textAsset` gives: all below `server/src` but the server's code, by their paths from there. */
function staticFiles(): Record<string, string> {
  const sources = join(SERVER, 'src')
  const names = globSync('**/*.*', { cwd: sources }).filter((name) => !name.endsWith('.ts'))
  return Object.fromEntries([...names.toSorted(), '../package.json'].map((name) => [name, join(sources, name)]))
}

function addonFor(arch: Arch): string {
  const driver = dirname(createRequire(join(SERVER, 'package.json')).resolve('better-sqlite3/package.json'))
  return join(driver, `prebuilds/linux-${arch}.node`)
}

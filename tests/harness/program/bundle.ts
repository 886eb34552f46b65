/** Before a test run: the server's program, that of its threads, the demo, and the one that stands by, each as one file. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { build } from 'rolldown'
import { BUNDLES, CACHE } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'rejoin-program-'))
const SERVER = resolve(import.meta.dirname, '../../../server/src')

export async function setup(): Promise<void> {
  await build({
    input: {
      main: join(import.meta.dirname, 'main.ts'),
      worker: join(SERVER, 'worker.ts'),
      demo: resolve(import.meta.dirname, '../../demo/main.ts'),
      'standing-by': join(import.meta.dirname, 'standing-by.ts'),
    },
    platform: 'node',
    plugins: [{ name: 'own-folders', transform: (code, id) => keepFolder(code, id) }],
    // Small and as CommonJS, which starts in five sixths of the time of modules as they are written.
    output: {
      dir: folder,
      format: 'cjs',
      minify: true,
      charset: 'ascii',
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name].cjs',
    },
  })
  // Also for the other users whom a test runs it as.
  chmodSync(folder, 0o755)
  process.env[BUNDLES] = folder
  // For the threads that the server starts in the processes of the tests.
  process.env['NODE_COMPILE_CACHE'] = CACHE
}

export const teardown = (): void => rmSync(folder, { recursive: true })

/** A module goes on finding what lies beside it in the sources: pages, the programs of threads, SQLite's native half. */
function keepFolder(code: string, id: string): string {
  const folder = JSON.stringify(dirname(id))
  return code.replaceAll('import.meta.dirname', folder).replaceAll(/\b__dirname\b/g, folder)
}

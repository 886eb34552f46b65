/**
 * Where the server's program is, for tests that run it in a process of its own: in a test run the one file that
 * `bundle.ts` made of it, which starts in half the time of its 1,200 modules; elsewhere its sources.
 */
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** The environment variable that names the folder with what `bundle.ts` made. */
export const BUNDLES = 'TEST_BUNDLES'

const folder = process.env[BUNDLES]
const sources = resolve(import.meta.dirname, '../../..')

export const MAIN = folder === undefined ? join(sources, 'server/src/main.ts') : join(folder, 'main.cjs')

export const DEMO = folder === undefined ? join(sources, 'tests/demo/main.ts') : join(folder, 'demo.cjs')

/** With what a worker thread begins: it starts in a fifth of the time. */
export const WORKER = folder === undefined ? undefined : join(folder, 'worker.cjs')

/** As `MAIN`, but it waits for a line on stdin when it has loaded. */
export const STANDING_BY =
  folder === undefined ? join(import.meta.dirname, 'standing-by.ts') : join(folder, 'standing-by.cjs')

/** Where Node keeps the compiled program between starts: compiling takes most of the time of one. */
export const CACHE = join(tmpdir(), 'rejoin-compiled')

/** What every such process gets of this one's environment. */
export const ENVIRONMENT = { PATH: process.env['PATH'], NODE_COMPILE_CACHE: CACHE }

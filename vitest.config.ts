import { configDefaults, defineConfig } from 'vitest/config'
import { LongestFirst } from './tests/harness/longest-first.ts'

/** One changes the time for all others, one counts steps of a server, and counts more in a shared process: each has its own. */
const APART = ['tests/cost/growth.test.ts', 'tests/yjs/alone.test.ts']
const TOGETHER = { include: ['tests/**/*.test.ts'], exclude: [...configDefaults.exclude, ...APART] }

export default defineConfig({
  test: {
    projects: [
      // Loading the program takes longer than most files: one process loads it once.
      { extends: true, test: { name: 'together', ...TOGETHER, isolate: false } },
      { extends: true, test: { name: 'apart', include: APART } },
    ],
    globalSetup: 'tests/harness/program/bundle.ts',
    sequence: { sequencer: LongestFirst },
    // They end what hangs, on a machine that is slow too: a browser's first start takes half a minute there.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // One a core; left to itself Vitest keeps a core free.
    maxWorkers: '100%',
    // Both cores are busy: what collects garbage beside the tests only takes turns with them.
    execArgv: ['--single-threaded-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'],
  },
})

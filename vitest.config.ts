import { globSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './tests/harness/longest-first.ts'

/** One changes the time for all others, one counts steps of a server, and counts more in a shared process: each has its own. */
const APART = ['tests/cost/growth.test.ts', 'tests/yjs/alone.test.ts']
const FILES = globSync('tests/**/*.test.ts').filter((file) => !file.includes('node_modules') && !APART.includes(file))
/** A process that has run hundreds of worlds is slow: garbage collection looks at all that it holds. */
const FILES_OF_A_PROCESS = 24

/** Files that share a process. */
const together = Array.from({ length: Math.ceil(FILES.length / FILES_OF_A_PROCESS) }, (_, index) => ({
  extends: true as const,
  test: {
    name: `together-${index}`,
    include: FILES.toSorted().slice(index * FILES_OF_A_PROCESS, (index + 1) * FILES_OF_A_PROCESS),
    isolate: false,
  },
}))

export default defineConfig({
  test: {
    projects: [
      // Loading the program takes longer than most files: one process loads it once.
      ...together,
      { extends: true, test: { name: 'apart', include: APART } },
    ],
    // Node loads the modules itself, and keeps them compiled between runs: a tenth less work than Vite's runner.
    experimental: { viteModuleRunner: false },
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

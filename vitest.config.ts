import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: 'tests/harness/program/bundle.ts',
    // They end what hangs, on a machine that is slow too: a browser's first start takes half a minute there.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // One a core; left to itself Vitest keeps a core free.
    maxWorkers: '100%',
  },
})

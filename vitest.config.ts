import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: 'tests/harness/program/bundle.ts',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // One a core; left to itself Vitest keeps a core free.
    maxWorkers: '100%',
  },
})

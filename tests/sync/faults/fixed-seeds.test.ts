/**
 * Random work under random faults, from fixed seeds: what `pnpm test:soak` does for longer and against a server in a
 * process of its own. `TEST_SEED` and `TEST_RUNS` explore further.
 */
import { expect, it } from 'vitest'
import { failureText } from './report.ts'
import { simulate } from './simulate.ts'

const FIRST = Number(process.env['TEST_SEED'] ?? 1)
const RUNS = Number(process.env['TEST_RUNS'] ?? 4)
const STEPS = 200

const seeds = Array.from({ length: RUNS }, (_, index) => FIRST + index)

it.each(seeds)('keeps every law whatever fails, by the seed %i', { timeout: 60_000 }, async (seed) => {
  const outcome = await simulate({ seed, steps: STEPS, cacheDir: null })
  if (outcome.error !== null) throw new Error(failureText({ seed, steps: STEPS, isInProcess: true }, outcome))
  // A run in which nothing failed, or nobody worked, would prove nothing.
  expect(outcome.book.faults.size).toBeGreaterThan(5)
  expect(outcome.book.made.size).toBeGreaterThan(20)
})

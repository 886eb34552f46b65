/** The restore drill, scaled down: `pnpm test:drill` does it in full. */
import { expect, it } from 'vitest'
import { drill } from './drill.ts'
import { isSound, textOf } from './report.ts'

it('has everything back, once, after an old backup was restored, and says so', { timeout: 120_000 }, async () => {
  const plan = { devices: 10, minutes: 1, seed: 1 }
  const outcome = await drill({ ...plan, cacheDir: null })
  if (!isSound(outcome)) throw new Error(textOf(plan, outcome))
  // A drill in which nothing was lost, or nobody was away, would prove nothing.
  expect(outcome.lost).toBeGreaterThan(50)
  expect(outcome.waited).toBeGreaterThan(0)
})

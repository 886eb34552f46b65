/** A bar on standard error for work that takes long; nothing if standard error is no terminal. */
import { Presets, SingleBar } from 'cli-progress'

/** The bar is gone when this resolves, so that it does not overwrite the result. */
export async function withProgress<Result>(
  work: (progress: (done: number, total: number) => void) => Promise<Result>,
): Promise<Result> {
  if (!process.stderr.isTTY) return work(() => undefined)
  const bar = new SingleBar(
    { format: '{bar} {percentage}% | {eta_formatted} left', stream: process.stderr, clearOnComplete: true },
    Presets.rect,
  )
  try {
    return await work((done, total) => {
      if (!bar.isActive) bar.start(total, 0)
      bar.update(Math.min(done, total))
    })
  } finally {
    bar.stop()
  }
}

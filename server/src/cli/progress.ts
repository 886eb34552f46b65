/** A bar on standard error for what takes long; nothing where that is no terminal. */
import { Presets, SingleBar } from 'cli-progress'

export interface Progress extends Disposable {
  update(done: number, total: number): void
}

export function progressBar(): Progress {
  if (!process.stderr.isTTY) return { update: () => undefined, [Symbol.dispose]: () => undefined }
  const bar = new SingleBar(
    { format: '{bar} {percentage}% | {eta_formatted} left', stream: process.stderr },
    Presets.rect,
  )
  return {
    update(done, total) {
      if (!bar.isActive) bar.start(total, 0)
      bar.update(Math.min(done, total))
    },
    [Symbol.dispose]: () => bar.stop(),
  }
}

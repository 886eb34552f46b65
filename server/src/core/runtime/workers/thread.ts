/** The side of the worker thread: runs the tasks it is given, one after another, and reports how each ended. */
import { parentPort } from 'node:worker_threads'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { AnyTask, Asked, Told } from './task.ts'

/** Called once, by the entry file of the thread. */
export function serveTasks(tasks: readonly AnyTask[]): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that of Node has none
  const tell = (told: Told) => parentPort?.postMessage(told)
  parentPort?.on('message', (asked: Asked) => void answer(tasks, asked, tell).then(tell))
  tell({ type: 'ready' })
}

async function answer(tasks: readonly AnyTask[], { name, input }: Asked, tell: (told: Told) => void): Promise<Told> {
  try {
    const known = tasks.find((task) => task.name === name)
    if (known === undefined) throw new Error(`The worker does not know the task ${name}: list it in its entry file.`)
    return { type: 'done', output: await known.run(input, (noted) => tell({ type: 'noted', noted })) }
  } catch (error) {
    if (!(error instanceof Refusal)) return { type: 'failed', error }
    const { code, message, hint } = error
    return { type: 'refused', code, message, hint }
  }
}

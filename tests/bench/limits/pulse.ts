/**
 * Asks `/healthz` again and again, in a thread of its own, so that nothing else of the bench delays it: measures how
 * long the server is silent to a client that wants next to nothing.
 */
import { once } from 'node:events'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

const EVERY_MS = 5

export class Pulse {
  readonly #worker: Worker

  private constructor(worker: Worker) {
    this.#worker = worker
  }

  static async of(url: string): Promise<Pulse> {
    const worker = new Worker(import.meta.filename, { workerData: { url } })
    await once(worker, 'message')
    return new Pulse(worker)
  }

  /** The longest that an answer took since the last call of this, in ms. */
  async longestMs(): Promise<number> {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that of Node has none
    this.#worker.postMessage('tell')
    const [longest] = (await once(this.#worker, 'message')) as [number]
    return longest
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate()
  }
}

async function beat(url: string): Promise<never> {
  let [longest, askedAt] = [0, performance.now()]
  // oxlint-disable unicorn/require-post-message-target-origin -- that of Node has none
  parentPort?.on('message', () => {
    // The request under way counts as well.
    parentPort?.postMessage(Math.max(longest, performance.now() - askedAt))
    longest = 0
  })
  for (let isFirst = true; ; isFirst = false) {
    askedAt = performance.now()
    // A connection that breaks is no answer: the worker asks again, and all of it is one silence.
    while (!(await isAnswered(url)));
    if (isFirst) parentPort?.postMessage('ready')
    else longest = Math.max(longest, performance.now() - askedAt)
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
    askedAt = performance.now()
  }
}

async function isAnswered(url: string): Promise<boolean> {
  try {
    await (await fetch(`${url}/healthz`)).arrayBuffer()
    return true
  } catch {
    return false
  }
}

if (!isMainThread) void beat((workerData as { url: string }).url)

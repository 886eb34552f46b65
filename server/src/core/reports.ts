/**
 * Reports: answers that read more than a page. Each runs in a worker thread with a handle of its own, so that commands go
 * on meanwhile, and has a limit of time.
 *
 * 1. A report begins after it was asked for, so it sees all that was committed until then: its reader's own work as well.
 * 2. It reads only, with the rights that its reader had when they asked.
 */
import type { Actor } from '@rejoin/shared/access.ts'
import { openReadOnly, type Read } from './db.ts'
import { SYSTEM_ID } from './ids.ts'
import { task, type Task } from './workers/task.ts'
import type { Workers } from './workers/workers.ts'

/** What reading needs to know. */
export interface ReadContext {
  readonly read: Read
  readonly actor: Actor
  readonly sessionId: string | null
  readonly now: number
}

type Asker = Omit<ReadContext, 'read'>

/** For jobs, which nobody asks for. */
export const SYSTEM_ASKER = {
  actor: { id: SYSTEM_ID, name: 'Rejoin', role: 'system', departments: [] },
  sessionId: null,
} as const satisfies Omit<Asker, 'now'>

export interface Report<Input, Output> {
  readonly task: Task<{ dataDir: string; asker: Asker; input: Input }, Output>
  /** For the sentence that says that it takes too long, and what to ask instead. */
  readonly what: string
  readonly hint: string
  /** Throws `Refusal` for whoever may not ask: no thread is started for them. */
  readonly must: (actor: Actor) => unknown
}

interface Definition<Input, Output> extends Pick<Report<Input, Output>, 'what' | 'hint' | 'must'> {
  readonly name: string
  read(context: ReadContext, input: Input): Promise<Output>
}

/** Declares a report. It counts once `server/src/worker.ts` lists its task. */
export function report<Input, Output>({ name, read, ...rest }: Definition<Input, Output>): Report<Input, Output> {
  return {
    ...rest,
    task: task({
      name,
      async run({ dataDir, asker, input }) {
        const db = await openReadOnly(dataDir)
        try {
          return await read({ ...asker, read: db.reader }, input)
        } finally {
          await db.close()
        }
      },
    }),
  }
}

const MEMORY_MB = 256

export class Reports {
  readonly #dataDir: string
  readonly #timeMs: number
  readonly #workers: Workers

  constructor({ dataDir, timeMs, workers }: { dataDir: string; timeMs: number; workers: Workers }) {
    this.#dataDir = dataDir
    this.#timeMs = timeMs
    this.#workers = workers
  }

  /** Throws `Refusal`: that of the report itself, `too-large` past the limit, `unavailable` where too many wait. */
  async ask<Input, Output>(
    { task: of, what, hint, must }: Report<Input, Output>,
    { actor, sessionId, now }: Asker,
    input: Input,
  ): Promise<Output> {
    must(actor)
    const asked = { dataDir: this.#dataDir, asker: { actor, sessionId, now }, input }
    return this.#workers.run(of, asked, { what, hint, timeMs: this.#timeMs, memoryMb: MEMORY_MB })
  }
}

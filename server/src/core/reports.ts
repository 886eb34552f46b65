/**
 * Reports: answers that read more than a page. Each runs in a worker thread with a handle of its own, so that commands
 * continue meanwhile, and has a time limit.
 *
 * 1. A report begins after it was asked for, so it sees every commit up to then, including its reader's own work.
 * 2. It only reads, with the rights that its reader had when they asked.
 * 3. Damage that it meets on the disk is reported to the operator as if the main thread had met it.
 */
import type { Actor } from '@rejoin/shared/access/access.ts'
import type { Damage } from './storage/damage.ts'
import { isCorrupt } from './storage/sqlite.ts'
import { openReadOnly, type Read } from './storage/db.ts'
import { SYSTEM_ID } from './ids.ts'
import { task, type Task } from './runtime/workers/task.ts'
import type { Watch } from './storage/watched-statements.ts'
import type { Workers } from './runtime/workers/workers.ts'

/** The context of a read. */
export interface ReadContext {
  readonly read: Read
  readonly actor: Actor
  readonly sessionId: string | null
  readonly now: number
}

type Asker = Omit<ReadContext, 'read'>

/** For jobs, which run without a person. */
export const SYSTEM_ASKER = {
  actor: { id: SYSTEM_ID, name: 'Rejoin', role: 'system', departments: [] },
  sessionId: null,
} as const satisfies Omit<Asker, 'now'>

export interface Report<Input, Output> {
  readonly task: Task<{ dataDir: string; asker: Asker; input: Input }, Output>
  /** Names the report in the refusal for taking too long; `hint` says what to ask for instead. */
  readonly what: string
  readonly hint: string
  /** Throws `Refusal` if the person may not ask: no thread is started for them. */
  readonly must: (actor: Actor) => unknown
}

interface Definition<Input, Output> extends Pick<Report<Input, Output>, 'what' | 'hint' | 'must'> {
  readonly name: string
  read(context: ReadContext, input: Input): Output | Promise<Output>
}

/** Declares a report. It counts once `server/src/worker.ts` lists its task. */
export function report<Input, Output>({ name, read, ...rest }: Definition<Input, Output>): Report<Input, Output> {
  return {
    ...rest,
    task: task({
      name,
      async run({ dataDir, asker, input }, note) {
        const db = await openReadOnly(dataDir, noting(note))
        try {
          return await read({ ...asker, read: db.reader }, input)
        } finally {
          db.close()
        }
      },
    }),
  }
}

/** A note from a thread: a row that was passed over, or pages of the file that cannot be read. */
interface Met {
  /** Null for pages. */
  readonly what: string | null
  readonly error: Error
}

function noting(note: (met: Met) => void): Watch {
  return {
    // Nobody waits behind a report, so no query counts as slow.
    fromMs: Infinity,
    slow: () => undefined,
    failed: (error) => {
      if (isCorrupt(error)) note({ what: null, error })
    },
    passedOver: (what, error) => note({ what, error: error instanceof Error ? error : new Error(String(error)) }),
  }
}

const MEMORY_MB = 256

interface Ports {
  readonly dataDir: string
  readonly timeMs: number
  readonly workers: Workers
  readonly damage: Pick<Damage, 'passedOver' | 'ofPages'>
}

export class Reports {
  readonly #dataDir: string
  readonly #timeMs: number
  readonly #workers: Workers
  readonly #damage: Pick<Damage, 'passedOver' | 'ofPages'>

  constructor({ dataDir, timeMs, workers, damage }: Ports) {
    this.#dataDir = dataDir
    this.#timeMs = timeMs
    this.#workers = workers
    this.#damage = damage
  }

  /** Throws `Refusal`: that of the report itself, `too-large` past the limit, `unavailable` if too many wait. */
  async ask<Input, Output>(
    { task: of, what, hint, must }: Report<Input, Output>,
    { actor, sessionId, now }: Asker,
    input: Input,
  ): Promise<Output> {
    must(actor)
    const asked = { dataDir: this.#dataDir, asker: { actor, sessionId, now }, input }
    const noted = (met: unknown) => this.#tell(met as Met)
    return await this.#workers.run(of, asked, { what, hint, timeMs: this.#timeMs, memoryMb: MEMORY_MB, noted })
  }

  /** Ends the running reports. */
  async close(): Promise<void> {
    await this.#workers.close()
  }

  #tell({ what, error }: Met): void {
    if (what === null) this.#damage.ofPages(error)
    else this.#damage.passedOver(what, error)
  }
}

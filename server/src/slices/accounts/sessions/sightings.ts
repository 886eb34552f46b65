/**
 * Notes when and from where sessions and API tokens are used. The notes are written together once in a while: a request
 * must not cost a transaction. A note that a crash has lost is made again at the next use.
 */
import { z } from 'zod'
import { isWithin } from '../../../core/runtime/clock.ts'
import { command } from '../../../core/command.ts'
import type { Commits } from '../../../core/commit/commit.ts'
import { SYSTEM_ID } from '../../../core/ids.ts'
import { updateRow } from '../../../core/storage/prepared.ts'
import { lru } from '../../../core/runtime/lru.ts'

const Sighting = z.object({
  table: z.enum(['session', 'apiToken']),
  id: z.string(),
  at: z.int(),
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
})
export type Sighting = z.infer<typeof Sighting>

/** A session that stays in use at the same place is written at most this often. */
const INTERVAL_MS = 5 * 60_000
const MAX_REMEMBERED = 20_000

export class Sightings {
  readonly #commits: Commits
  readonly #noted = new Map<string, Sighting>()
  readonly #written = lru<string, Sighting>(MAX_REMEMBERED)

  constructor(commits: Commits) {
    this.#commits = commits
  }

  note(sighting: Sighting): void {
    const last = this.#written.get(sighting.id)
    const isKnown = last !== undefined && last.address === sighting.address && last.userAgent === sighting.userAgent
    if (isKnown && isWithin(INTERVAL_MS, last.at, sighting.at)) return
    this.#noted.set(sighting.id, sighting)
  }

  async write(): Promise<void> {
    if (this.#noted.size === 0) return
    const sightings = [...this.#noted.values()]
    this.#noted.clear()
    for (const sighting of sightings) this.#written.set(sighting.id, sighting)
    await this.#commits.commitOrThrow(noteSightings, { sightings }, { actorId: SYSTEM_ID })
  }
}

const noteSightings = command({
  name: 'session.sightings',
  input: z.object({ sightings: z.array(Sighting) }),
  run({ tx }, { sightings }) {
    for (const { table, id, at, address, userAgent } of sightings) {
      updateRow(tx, table, { id }, { lastSeenAt: at, address, userAgent })
    }
  },
})

/** Files for `rejoin sla replay` that are changed at random: each is answered, or refused in a sentence. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { Refusal } from '@rejoin/shared/errors.ts'
import { replayFile } from '@rejoin/server/slices/sla/engine/replay/replay.ts'
import { randomFrom, type Random } from '../harness/random.ts'

interface File {
  readonly vectors: readonly { readonly full: unknown }[]
  readonly calendars: Readonly<Record<string, unknown>>
}

const file = JSON.parse(readFileSync(resolve(import.meta.dirname, 'vectors/sla.json'), 'utf8')) as File

const TEXTS = `24:00 02-29 9999-12-31 0001-01-01T00:00:00Z 1900-01-01T00:00:00Z 9999-12-31T23:59:59Z
  2026-03-02T10:00:00+23:59 2016-12-31T23:59:60Z 2026-02-29T00:00:00Z 2026-03-02T09:00:00Z 2026-03-02T11:00:00Z
  __proto__ constructor Mars/Olympus created merged closed policy status public_reply always next_response`.split(/\s+/)
/** What somebody, or another program, could write in any place. */
const ANYTHING = [undefined, null, true, 0, -1, 1e308, NaN, Infinity, 3e9, 0.0001, '', [], {}, 'a\u0000b', ...TEXTS]

function isHolder(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

/** The objects and lists of a value, itself included. */
function holdersIn(value: unknown): Record<string, unknown>[] {
  return isHolder(value) ? [value, ...Object.values(value).flatMap(holdersIn)] : []
}

/** One value is another, gone, or exchanged for its neighbour. */
function spoil({ below, pick }: Random, whole: Record<string, unknown>): void {
  // Most of them in the story, some in calendars.
  const holders = holdersIn(below(4) === 0 ? whole : whole['vectors'])
  if (holders.length === 0) return
  const holder = pick(holders)
  const [key, other] = [pick(Object.keys(holder)), pick(Object.keys(holder))]
  const kind = below(3)
  if (kind === 0) holder[key] = ANYTHING[below(ANYTHING.length)]
  else if (kind === 2) [holder[key], holder[other]] = [holder[other], holder[key]]
  else if (Array.isArray(holder)) holder.splice(Number(key), 1)
  else delete holder[key]
}

/** Null for an answer, or a refusal. */
function failureOf(spoilt: unknown): unknown {
  try {
    const numbers = replayFile(spoilt).flatMap((answer) =>
      Object.values(answer).filter((value) => typeof value === 'number'),
    )
    return numbers.every(Number.isFinite) ? null : numbers
  } catch (error) {
    return error instanceof Refusal && error.code === 'invalid' ? null : error
  }
}

it('answers or refuses any file, however a right one was changed', () => {
  for (let seed = 0; seed < 1000; seed++) {
    const random = randomFrom(seed)
    const { full: _, ...vector } = structuredClone(random.pick(file.vectors))
    const spoilt = structuredClone({ calendars: file.calendars, vectors: [vector] })
    for (let changes = 1 + random.below(3); changes > 0; changes--) spoil(random, spoilt)
    expect(failureOf(spoilt), `seed ${seed}: ${JSON.stringify(spoilt.vectors)}`).toBeNull()
  }
})

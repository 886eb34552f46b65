/**
 * Verdicts told of each command, and whether each is allowed. A verdict never changes, unless a person decides about
 * parked work, or the server is restored: then the verdicts of the copy hold, and the rest are judged anew or lost.
 */
import type { Verdict } from '@rejoin/shared/sync/verdicts.ts'
import { changedNothing } from '../../harness/laws.ts'

export type Heard = Pick<Verdict, 'outcome' | 'code' | 'message' | 'hint'>

/** Verdicts by the ids of their commands. */
export type Verdicts = ReadonlyMap<string, Heard>

export class Said {
  /** The verdict that holds, of each command of which one was heard. */
  readonly heard = new Map<string, Heard>()
  /** Calls answered at a desk and lost in a restore: nobody has them any more. */
  readonly lost = new Set<string>()
  /** Whether anybody decided about parked work: old verdicts may then still be on their way. */
  hasDecisions = false
  /** Commands that their device stored as refused, and the server lost in a restore: they stay refused. */
  readonly #over = new Set<string>()
  /** The last verdict of each command that its device has stored. */
  readonly #kept = new Map<string, Heard>()
  /** Verdicts that held once. A device may store them late. */
  readonly #past = new Map<string, Heard[]>()

  /** A verdict on the wire. Answers the fault in it, or null. */
  hear(id: string, verdict: Heard): string | null {
    if (this.#over.has(id)) return `command ${id} was refused, and is judged again after a restore`
    const first = this.heard.get(id)
    const isOvertaken = verdict.outcome === 'parked' && first?.outcome !== 'parked' && this.hasDecisions
    if (first !== undefined && (sameVerdict(first, verdict) || isOvertaken)) return null
    const mayChange =
      first === undefined || this.#isPast(id, first) || (first.outcome === 'parked' && this.hasDecisions)
    if (!mayChange) return this.#isPast(id, verdict) ? null : contradiction(id, first, verdict)
    if (first !== undefined) this.#keepPast(id, first)
    this.heard.set(id, verdict)
    // A caller without an answer from before the restore has asked again.
    this.lost.delete(id)
    return null
  }

  /** A verdict on the disk of a device, which may be late. */
  keep(id: string, verdict: Heard): string | null {
    this.#kept.set(id, verdict)
    const heard = this.heard.get(id)
    if (this.#isPast(id, verdict) || (heard !== undefined && sameVerdict(heard, verdict))) return null
    return contradiction(id, heard ?? null, verdict)
  }

  /** The server, which knew `before`, now knows `after`. `atDesks` are the commands that no device can offer again. */
  restored(before: Verdicts, after: Verdicts, atDesks: ReadonlySet<string>): void {
    for (const [id, verdict] of [...this.heard, ...before]) this.#keepPast(id, verdict)
    for (const [id, { outcome }] of this.#kept) if (outcome === 'refused') this.#over.add(id)
    for (const id of this.heard.keys()) if (atDesks.has(id)) this.lost.add(id)
    this.heard.clear()
    for (const [id, verdict] of after) {
      this.heard.set(id, verdict)
      this.lost.delete(id)
      this.#over.delete(id)
    }
  }

  /** Whether it was decided, lost in a restore, and not offered again, because its verdict had changed nothing. */
  isForgotten(id: string): boolean {
    const heard = this.heard.get(id)
    if (heard !== undefined) return this.#isPast(id, heard) && changedNothing(heard)
    return this.#past.get(id)?.some(changedNothing) ?? false
  }

  #isPast(id: string, verdict: Heard): boolean {
    return this.#past.get(id)?.some((each) => sameVerdict(each, verdict)) ?? false
  }

  #keepPast(id: string, verdict: Heard): void {
    if (!this.#isPast(id, verdict)) this.#past.set(id, [...(this.#past.get(id) ?? []), verdict])
  }
}

export function sameVerdict(one: Heard, other: Heard): boolean {
  return (
    one.outcome === other.outcome && one.code === other.code && one.message === other.message && one.hint === other.hint
  )
}

function contradiction(id: string, first: Heard | null, verdict: Heard): string {
  return `command ${id} had the verdict ${JSON.stringify(first)} and then ${JSON.stringify(verdict)}`
}

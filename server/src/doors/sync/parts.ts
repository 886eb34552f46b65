/**
 * Cuts the items for a device into parts of which each fits into a frame: a part holds the bytes of its cut, or one
 * document of at most `DELIVERABLE_BYTES`.
 */
import type { LogPosition } from '@rejoin/shared/sync/wire.ts'
import { byteLength, DELIVERABLE_BYTES } from '@rejoin/shared/budgets.ts'
import type { Verdict } from '@rejoin/shared/sync/verdicts.ts'
import type { Left } from './scope.ts'

export interface Part {
  readonly position: LogPosition
  readonly verdicts: Verdict[]
  readonly enter: { documentId: string; state: Uint8Array }[]
  readonly change: { documentId: string; update: Uint8Array }[]
  readonly leave: Left[]
  /** Another part follows; `position` has not moved yet, so an interrupted catch-up begins again. */
  readonly more: boolean
}

/** One thing that a device must be told. */
export type Item =
  | { readonly verdict: Verdict }
  | { readonly leave: Left }
  | { readonly enter: Part['enter'][number] }
  | { readonly change: Part['change'][number] }

/** The most that one part holds. */
export interface Cut {
  readonly items: number
  readonly bytes: number
}

/** For sockets, where a reader takes part after part. */
export const SMALL: Cut = { items: 500, bytes: 1024 * 1024 }
/** For the single answer of an HTTP exchange. */
export const FULL: Cut = { items: Number.POSITIVE_INFINITY, bytes: DELIVERABLE_BYTES }

/** Ids and names around an item, in bytes of any encoding. */
const FRAMING_BYTES = 128

export async function* parts(
  { from, head, cut }: { from: LogPosition; head: LogPosition; cut: Cut },
  items: AsyncIterable<Item>,
): AsyncGenerator<Part> {
  let part = emptyPart(from)
  let [count, bytes] = [0, 0]
  for await (const item of items) {
    const size = sizeOf(item)
    if (count > 0 && (count >= cut.items || bytes + size > cut.bytes)) {
      yield part
      part = emptyPart(from)
      ;[count, bytes] = [0, 0]
    }
    if ('verdict' in item) part.verdicts.push(item.verdict)
    else if ('leave' in item) part.leave.push(item.leave)
    else if ('enter' in item) part.enter.push(item.enter)
    else part.change.push(item.change)
    count += 1
    bytes += size
  }
  yield { ...part, position: head, more: false }
}

function emptyPart(position: LogPosition): Part {
  return { position, verdicts: [], enter: [], change: [], leave: [], more: true }
}

function sizeOf(item: Item): number {
  if ('enter' in item) return FRAMING_BYTES + item.enter.state.length
  if ('change' in item) return FRAMING_BYTES + item.change.update.length
  if ('leave' in item) return FRAMING_BYTES
  const { message = '', hint = '' } = item.verdict
  return FRAMING_BYTES + byteLength(message) + byteLength(hint)
}

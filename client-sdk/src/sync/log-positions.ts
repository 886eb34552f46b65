/** The positions that a device remembers: where it has been, so that it finds together again with a restored server. */
import { MAX_LOG_POSITIONS } from '@rejoin/shared/sync/wire.ts'
import type { LogPositionRecord } from '../ledger/records.ts'

/**
 * The positions after the device has come to `position`, oldest first; those beyond it are of a future that was lost.
 */
export function positionsWith(
  places: readonly LogPositionRecord[],
  position: LogPositionRecord,
): readonly LogPositionRecord[] {
  const before = places.filter(({ cursor }) => cursor < position.cursor)
  const same = places.find(({ cursor, tag }) => cursor === position.cursor && tag === position.tag)
  if (position.cursor === 0) return []
  return thinned([...before, same ?? position])
}

/**
 * Takes out one position too many: the one that is missed least, by the gap it leaves against how long ago that was.
 */
function thinned(places: readonly LogPositionRecord[]): readonly LogPositionRecord[] {
  if (places.length <= MAX_LOG_POSITIONS) return places
  const newest = places.at(-1)?.cursor ?? 0
  const loss = (index: number) => {
    const [before, after] = [places[index - 1]?.cursor ?? 0, places[index + 1]?.cursor ?? newest]
    return (after - before) / (newest - before)
  }
  let least = 1
  for (let index = 2; index < places.length - 1; index += 1) if (loss(index) < loss(least)) least = index
  return places.toSpliced(least, 1)
}

/** The positions that a device remembers: where it has been, so that it finds together again with a restored server. */
import { MAX_POSITIONS } from '@rejoin/shared/sync/wire.ts'
import type { PositionRecord } from '../ledger/records.ts'

/** The positions after the device has come to `position`, oldest first; those beyond it are of a future that was lost. */
export function positionsWith(
  positions: readonly PositionRecord[],
  position: PositionRecord,
): readonly PositionRecord[] {
  const before = positions.filter(({ cursor }) => cursor < position.cursor)
  const same = positions.find(({ cursor, tag }) => cursor === position.cursor && tag === position.tag)
  if (position.cursor === 0) return []
  return thinned([...before, same ?? position])
}

/** Takes out one position too many: the one that is missed least, by the gap it leaves against how long ago that was. */
function thinned(positions: readonly PositionRecord[]): readonly PositionRecord[] {
  if (positions.length <= MAX_POSITIONS) return positions
  const newest = positions.at(-1)?.cursor ?? 0
  const loss = (index: number) => {
    const [before, after] = [positions[index - 1]?.cursor ?? 0, positions[index + 1]?.cursor ?? newest]
    return (after - before) / (newest - before)
  }
  let least = 1
  for (let index = 2; index < positions.length - 1; index += 1) if (loss(index) < loss(least)) least = index
  return positions.toSpliced(least, 1)
}

/** The places that a device remembers: where it has been, so that it finds together again with a restored server. */
import { MAX_PLACES } from '@rejoin/shared/sync/wire.ts'
import type { PlaceRecord } from '../ledger/records.ts'

/** The places after the device has come to `place`, oldest first; those beyond it are of a future that was lost. */
export function placesWith(places: readonly PlaceRecord[], place: PlaceRecord): readonly PlaceRecord[] {
  const before = places.filter(({ cursor }) => cursor < place.cursor)
  const same = places.find(({ cursor, tag }) => cursor === place.cursor && tag === place.tag)
  if (place.cursor === 0) return []
  return thinned([...before, same ?? place])
}

/** Takes out one place too many: the one that is missed least, by the gap it leaves against how long ago that was. */
function thinned(places: readonly PlaceRecord[]): readonly PlaceRecord[] {
  if (places.length <= MAX_PLACES) return places
  const newest = places.at(-1)?.cursor ?? 0
  const loss = (index: number) => {
    const [before, after] = [places[index - 1]?.cursor ?? 0, places[index + 1]?.cursor ?? newest]
    return (after - before) / (newest - before)
  }
  let least = 1
  for (let index = 2; index < places.length - 1; index += 1) if (loss(index) < loss(least)) least = index
  return places.toSpliced(least, 1)
}

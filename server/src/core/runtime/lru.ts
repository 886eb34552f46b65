/** What was used last, of what may come in any number. */
import { LRUCache } from 'lru-cache'

/** Forgets whatever nobody asked for longest, beyond `max` entries. Takes memory as it fills, not before. */
export function lru<Key extends {}, Value extends {}>(max: number): LRUCache<Key, Value> {
  return new LRUCache({ maxSize: max, sizeCalculation: () => 1 })
}

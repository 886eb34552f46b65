/** A cache of the most recently used entries, for keys of unbounded number. */
import { LRUCache } from 'lru-cache'

/** Keeps at most `max` entries and evicts the least recently used. Takes memory as it fills, not before. */
export function lru<Key extends {}, Value extends {}>(max: number): LRUCache<Key, Value> {
  return new LRUCache({ maxSize: max, sizeCalculation: () => 1 })
}

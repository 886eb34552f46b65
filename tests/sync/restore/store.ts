/** A store that remembers what it held after each write: what a crash at that moment would leave behind. */
import type { MemoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import type { Store } from '@rejoin/client-sdk/stores/store.ts'

export function keepingEveryWrite(store: MemoryStore): Store & { readonly kept: [string, unknown][][] } {
  const kept: [string, unknown][][] = []
  return {
    kept,
    load: () => store.load(),
    async write(write) {
      await store.write(write)
      kept.push(store.entries())
    },
    close: () => store.close(),
  }
}

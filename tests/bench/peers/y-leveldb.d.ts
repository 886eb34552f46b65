/** The part of y-leveldb that is used here; its package does not lead TypeScript to its own types. */
declare module 'y-leveldb' {
  import type { Doc } from 'yjs'

  export class LeveldbPersistence {
    constructor(location: string)
    getYDoc(name: string): Promise<Doc>
    storeUpdate(name: string, update: Uint8Array): Promise<number>
    destroy(): Promise<void>
  }
}

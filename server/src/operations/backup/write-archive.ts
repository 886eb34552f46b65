/** Writes a backup as one file: a tar of the manifest and its files, compressed with zstd, encrypted with age. */
import { randomUUID } from 'node:crypto'
import { createWriteStream, renameSync, rmSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createZstdCompress } from 'node:zlib'
import { packTar, type TarSource } from 'modern-tar/fs'
import { encrypted, type Key } from './encryption.ts'
import { MANIFEST, type Manifest } from './manifest.ts'

export interface Contents {
  readonly manifest: Manifest
  /** The path on disk of a file of the manifest. */
  locate(path: string): string
  readonly key: Key | null
  /** Called with the number of bytes packed so far. */
  progress(bytes: number): void
}

/** Resolves when `file` is completely on disk: until then it has another name, and it is removed if anything fails. */
export async function writeArchive(file: string, { manifest, locate, key, progress }: Contents): Promise<void> {
  const sources: TarSource[] = [
    { type: 'content', content: JSON.stringify(manifest, null, 2), target: MANIFEST, mode: 0o600 },
    ...manifest.files.map(({ path }) => ({ type: 'file' as const, source: locate(path), target: path, mode: 0o600 })),
  ]
  // Another backup may be made in the same second.
  const partial = `${file}.${randomUUID()}.partial`
  const out = createWriteStream(partial, { mode: 0o600, flush: true })
  try {
    await pipeline(packTar(sources), counted(progress), createZstdCompress(), sealed(key), out)
    renameSync(partial, file)
  } catch (error) {
    rmSync(partial, { force: true })
    throw error
  }
}

type Stage = (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>

function counted(progress: (bytes: number) => void): Stage {
  let bytes = 0
  return async function* (source) {
    for await (const chunk of source) {
      bytes += chunk.length
      progress(bytes)
      yield chunk
    }
  }
}

function sealed(key: Key | null): Stage {
  return (source) => (key === null ? source : encrypted(source, key))
}

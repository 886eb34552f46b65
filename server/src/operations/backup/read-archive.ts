/** Reads a backup, and accepts only files that its manifest names, with the size and hash given there. */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline as piped, Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar'
import { Refusal } from '@rejoin/shared/errors.ts'
import { beginsWith } from './beginning.ts'
import { AGE_MAGIC, ARMOR_MAGIC, decrypted, type Opener } from './encryption.ts'
import { MANIFEST, Manifest, type Entry } from './manifest.ts'

/** Returns the destination of a file of the backup. */
type Sink = (path: string) => Writable

/** Unpacks the backup into a folder. Throws `Refusal` if it is damaged, incomplete, or cannot be opened. */
export function unpackArchive(file: string, folder: string, opener: Opener | null): Promise<Manifest> {
  return readArchive(file, opener, (path) => {
    const target = join(folder, path)
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
    return createWriteStream(target, { mode: 0o600, flags: 'wx', flush: true })
  })
}

/** Reads all of the backup like `unpackArchive`, and keeps nothing. */
export function checkArchive(file: string, opener: Opener | null): Promise<Manifest> {
  return readArchive(file, opener, () => new Writable({ write: (_chunk, _encoding, done) => done() }))
}

async function readArchive(file: string, opener: Opener | null, sink: Sink): Promise<Manifest> {
  if (beginsWith(file, ARMOR_MAGIC)) {
    throw new Refusal(
      'invalid',
      `${file} is an armored age file: an encrypted backup that was made text.`,
      `Make it binary again with "grep -v ^----- ${file} | base64 -d > BACKUP", and restore BACKUP.`,
    )
  }
  const isEncrypted = beginsWith(file, AGE_MAGIC)
  if (isEncrypted && opener === null) {
    throw new Refusal('invalid', `${file} is encrypted.`, 'Give the key with --identity or --passphrase-file.')
  }
  try {
    return await takeEntries(entriesOf(file, isEncrypted ? opener : null), sink)
  } catch (error) {
    throw damaged(file, error)
  }
}

async function takeEntries(entries: AsyncIterable<ParsedTarEntry>, sink: Sink): Promise<Manifest> {
  let manifest: Manifest | undefined
  const awaited = new Map<string, Entry>()
  for await (const { header, body } of entries) {
    if (manifest === undefined) {
      if (header.name !== MANIFEST) throw new Error(`it begins with ${header.name}`)
      manifest = Manifest.parse(JSON.parse(await new Response(body).text()))
      for (const entry of manifest.files) awaited.set(entry.path, entry)
    } else {
      const entry = awaited.get(header.name)
      if (entry === undefined) throw new Error(`its manifest does not name ${header.name}`)
      awaited.delete(header.name)
      await takeEntry(entry, body, sink)
    }
  }
  const [lacking] = awaited.keys()
  if (manifest === undefined || lacking !== undefined) throw new Error(`it lacks ${lacking ?? MANIFEST}`)
  return manifest
}

async function takeEntry({ path, bytes, sha256 }: Entry, body: AsyncIterable<Uint8Array>, sink: Sink): Promise<void> {
  const hash = createHash('sha256')
  let taken = 0
  const hashed = async function* () {
    for await (const chunk of body) {
      hash.update(chunk)
      taken += chunk.length
      yield chunk
    }
  }
  await pipeline(hashed, sink(path))
  if (taken !== bytes || hash.digest('hex') !== sha256)
    throw new Error(`${path} differs from the file that was backed up`)
}

function entriesOf(file: string, opener: Opener | null): ReadableStream<ParsedTarEntry> {
  const stored: AsyncIterable<Uint8Array> = createReadStream(file)
  const compressed = Readable.from(opener === null ? stored : decrypted(stored, opener))
  // A failure reaches the reader of the last stream.
  const plain = piped(compressed, createZstdDecompress(), () => undefined)
  return ReadableStream.from<Uint8Array>(plain).pipeThrough(createTarDecoder({ strict: true }))
}

/** Throws `Refusal` if there is no such file. */
export function mustBeFile(file: string): void {
  try {
    if (statSync(file).isFile()) return
  } catch (error) {
    throw unusable(file, error)
  }
  throw new Refusal('invalid', `${file} is not a file.`, 'Name a backup, as "rejoin backup" printed it.')
}

function unusable(file: string, error: unknown): Refusal {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
    return new Refusal('not-found', `There is no file ${file}.`, 'Name a backup, as "rejoin backup" printed it.')
  }
  return new Refusal('not-found', `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`)
}

function damaged(file: string, error: unknown): unknown {
  if (error instanceof Refusal) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new Refusal(
    'invalid',
    `${file} cannot be restored: ${reason}.`,
    'It is damaged, not a backup, or encrypted for another key. Use another backup.',
  )
}

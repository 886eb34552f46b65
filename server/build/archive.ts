/** A folder as an archive that is the same wherever and whenever it is made, and the checksums of files. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream, readdirSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

/** Packs `folder` under its name into `file`, everything in it owned by root and last changed at `epoch` (s). */
export async function pack(folder: string, file: string, epoch: number): Promise<void> {
  const args = ['--sort=name', '--format=ustar', `--mtime=@${epoch}`, '--owner=0', '--group=0', '--numeric-owner']
  const tar = spawn('tar', ['--create', ...args, '--mode=u+rwX,go+rX,go-w', '-C', dirname(folder), basename(folder)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(tar, 'close')
  await pipeline(tar.stdout, createGzip(), createWriteStream(file))
  const [code] = (await ended) as [number | null]
  if (code !== 0) throw new Error(`tar ended with code ${code}`)
}

/** `sha256sum -c` reads it. */
export async function checksums(folder: string): Promise<string> {
  const lines: string[] = []
  for (const name of filesBelow(folder)) lines.push(`${await sha256(join(folder, name))}  ${name}\n`)
  return lines.join('')
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .toSorted()
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

/** The Node that goes into the executable: the one of an npm package if it is installed, or the one that builds. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './paths.ts'

export type Arch = 'x64' | 'arm64'

/** A path. Throws when this machine has none for `arch`. */
export function nodeFor(arch: Arch): string {
  const installed = join(ROOT, `node_modules/node-linux-${arch}/bin/node`)
  if (existsSync(installed)) return installed
  if (process.platform === 'linux' && process.arch === arch) return process.execPath
  const { node } = process.versions
  throw new Error(
    `There is no Node for Linux on ${arch} here. Install it with "npx -y pnpm@12 add -w -O --force node-linux-${arch}@${node}".`,
  )
}

/** An ELF file as far as it is loaded when it runs: without symbols and debugging information, a fifth less. */
export function withoutSymbols(elf: Buffer): Buffer {
  if (elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 2 || elf[5] !== 1) throw new Error('not a 64-bit ELF file')
  const [headersAt, headerSize, headers] = [Number(elf.readBigUInt64LE(32)), elf.readUInt16LE(54), elf.readUInt16LE(56)]
  const ends = Array.from({ length: headers }, (_, index) => {
    const at = headersAt + index * headerSize
    return Number(elf.readBigUInt64LE(at + 8) + elf.readBigUInt64LE(at + 32))
  })
  const cut = Buffer.from(elf.subarray(0, Math.max(...ends)))
  // What follows held the table of sections, which nobody needs to run it.
  cut.writeBigUInt64LE(0n, 40)
  cut.writeUInt16LE(0, 60)
  cut.writeUInt16LE(0, 62)
  return cut
}

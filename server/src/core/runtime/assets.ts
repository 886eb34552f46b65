/**
 * The files that ship with the program, named by their path from `server/src`: read from there when it runs from its
 * sources, and from within the executable otherwise (`server/build/`). No other file knows which of the two it is.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getAsset, getRawAsset, isSea } from 'node:sea'

const SOURCES = join(import.meta.dirname, '../..')

export const isExecutable = isSea()

export function textAsset(path: string): string {
  return isExecutable ? getAsset(path, 'utf8') : readFileSync(join(SOURCES, path), 'utf8')
}

/** For the executable only. The bytes are not a copy: they must not be written to. */
export function builtInBytes(name: string): Uint8Array {
  return new Uint8Array(getRawAsset(name))
}

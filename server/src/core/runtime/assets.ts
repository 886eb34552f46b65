/**
 * The files that the program brings along, named by their path from `server/src`: read there when it runs from its
 * sources, and from within the executable when it is one (`server/build/`). Nobody else knows which of them it is.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getAsset, getRawAsset, isSea } from 'node:sea'

const SOURCES = join(import.meta.dirname, '../..')

export const isExecutable = isSea()

export function textAsset(path: string): string {
  return isExecutable ? getAsset(path, 'utf8') : readFileSync(join(SOURCES, path), 'utf8')
}

/** Of the executable alone, without a copy: it must not be written to. */
export function builtInBytes(name: string): Uint8Array {
  return new Uint8Array(getRawAsset(name))
}

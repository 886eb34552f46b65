/** Recognises a file by its first bytes. */
import { closeSync, openSync, readSync } from 'node:fs'
import { unreadable } from '../../core/input/outside-text.ts'

/** Throws `Refusal` if the file cannot be read. */
export function beginsWith(file: string, magic: string): boolean {
  const start = Buffer.alloc(magic.length)
  try {
    const descriptor = openSync(file, 'r')
    try {
      readSync(descriptor, start)
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    throw unreadable(file, error)
  }
  return start.toString('latin1') === magic
}

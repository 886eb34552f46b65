/** A folder that exists as long as the demo runs, however the demo ends. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const INTERRUPTED = 130

export function openSandbox(): string {
  const dir = mkdtempSync(join(tmpdir(), 'rejoin-demo-'))
  // The server is killed a moment before, and may still be writing.
  process.once('exit', () => rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }))
  // An interrupted demo leaves by `exit` too, so that its server and its folder go with it.
  process.once('SIGINT', () => process.exit(INTERRUPTED))
  process.once('SIGTERM', () => process.exit(INTERRUPTED))
  return dir
}

/** What the disk itself takes: without this, a throughput of durable commits says nothing. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { range } from './figures.ts'

const ROUNDS = 200

export function measureFsync(): string {
  const dir = mkdtempSync(join(tmpdir(), 'rejoin-bench-'))
  const file = openSync(join(dir, 'file'), 'w')
  const page = Buffer.alloc(4096)
  const samples = Array.from({ length: ROUNDS }, () => {
    const start = performance.now()
    writeSync(file, page)
    fdatasyncSync(file)
    return performance.now() - start
  })
  closeSync(file)
  rmSync(dir, { recursive: true })
  return range(samples, 'ms')
}

/** A run in a process group of its own, of which nothing is left afterwards, however it ends. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Figures } from './scenarios/stage.ts'

const RUN = join(import.meta.dirname, 'run.ts')
/** A client holds the copies of forty thousand tickets. */
const NODE_OPTIONS = ['--max-old-space-size=8192']

/** Rejects when the run fails or takes longer than `limitMs`. */
export async function runApart(scenario: string, system: string, limitMs: number): Promise<Figures> {
  const child = spawn(process.execPath, [...NODE_OPTIONS, RUN, scenario, system], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const endAll = () => endGroup(child.pid)
  const stop = () => process.exit(1)
  process.once('exit', endAll)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop)
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    endAll()
  }, limitMs)
  let output = ''
  let errors = ''
  child.stdout.on('data', (data: Buffer) => (output += data.toString()))
  child.stderr.on('data', (data: Buffer) => (errors = (errors + data.toString()).slice(-2000)))
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  endAll()
  process.off('exit', endAll)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, stop)
  if (isLate) throw new Error(`not within ${limitMs / 1000} s`)
  if (code !== 0) throw new Error(errors)
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Figures
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // Nobody is left of it.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

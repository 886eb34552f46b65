/** The executable of a release: how soon it listens, and its use of memory and CPU when nobody asks it anything. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as passed } from 'node:timers/promises'
import { range, short, table } from './figures.ts'

const BUILD = resolve(import.meta.dirname, '../../server/build/main.ts')
const RUNS = 15
const IDLE_MS = 5000

export async function benchBinary(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-bench-'))
  try {
    execFileSync(process.execPath, [BUILD, '--out', folder], { stdio: ['ignore', 'ignore', 'inherit'] })
    const file = join(folder, 'rejoin')
    forgetPages(file)
    const [starts, processor]: [number[], number[]] = [[], []]
    for (let run = 0; run < RUNS; run += 1) {
      starts.push(await start(file, join(folder, 'data'), async (pid) => void processor.push(processorMs(pid))))
    }
    let memory = new Map<string, number>()
    await start(file, join(folder, 'data'), async (pid) => {
      await passed(IDLE_MS)
      memory = memoryOf(pid)
    })
    const MiB = (name: string) => `${short((memory.get(name) ?? 0) / 1024)} MiB`
    return table(
      `binary: ${RUNS} starts on one data directory; memory ${IDLE_MS / 1000} s after a start, without a request`,
      [
        'file',
        'exec to listening',
        'processor until then',
        'resident',
        'of it its own',
        'of it of the file and libraries',
      ],
      [
        [
          `${short(statSync(file).size / 1e6)} MB`,
          range(starts, 'ms'),
          range(processor, 'ms'),
          MiB('VmRSS'),
          MiB('RssAnon'),
          MiB('RssFile'),
        ],
      ],
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Ms until the program says that it listens; then `whileRunning` has it, and it is stopped. */
async function start(file: string, dataDir: string, whileRunning: (pid: number) => Promise<void>): Promise<number> {
  const env = { REJOIN_DATA_DIR: dataDir, REJOIN_PORT: '0', REJOIN_LOG_LEVEL: 'warn' }
  const began = performance.now()
  const child = spawn(file, ['serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  while (!output.includes('Rejoin listens on')) output += String((await once(child.stdout, 'data'))[0])
  const tookMs = performance.now() - began
  child.stdout.resume()
  await whileRunning(child.pid ?? 0)
  child.kill()
  await once(child, 'close')
  return tookMs
}

/** CPU time of all threads so far: the cost of a start, also when other programs run in between. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const TICK_MS = 10
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

/** Memory in KiB, by the names of `/proc/<pid>/status`. */
function memoryOf(pid: number): Map<string, number> {
  const lines = readFileSync(`/proc/${pid}/status`, 'utf8').matchAll(/^(VmRSS|Rss\w+):\s+(\d+) kB$/gm)
  return new Map([...lines].map(([, name = '', size]) => [name, Number(size)]))
}

/** As after a start of the machine: a file just written is cached in larger pieces, which count as resident. */
function forgetPages(file: string): void {
  execFileSync('sync', [file])
  execFileSync('dd', [`if=${file}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' })
}

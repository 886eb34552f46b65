/**
 * The worst messages of each door, at the largest size that the server takes, and floods of them: their cost to the
 * server, and how long it is silent to others meanwhile.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { API } from '../cost/api.ts'
import { EDITOR } from '../cost/editor.ts'
import { COMMANDS, EXCHANGE } from '../cost/exchange.ts'
import { stageOn, type Stage, type Worst } from '../cost/stage.ts'
import { freePort, ServerProcess } from '../harness/server-process.ts'
import { setUpOffice } from '../harness/staff.ts'
import { short, table, wrapped } from './figures.ts'
import { FLOODS } from './limits/floods.ts'
import { Pulse } from './limits/pulse.ts'
import { relayTo, type Relay } from './limits/relay.ts'
import { metricsOf } from './metrics.ts'

/** Nobody should wait longer for an answer because of somebody else. */
const LONGEST_SILENCE_MS = 250
const MiB = 2 ** 20

type Attack = (stage: Stage) => Promise<() => Promise<unknown>>

interface Named {
  readonly door: string
  readonly message: string
  readonly attack: Attack
}

/** The size at which a table of `tests/cost` stops: the largest that is taken, or that a test has time for. */
function largest({ n, prepare }: Worst): Attack {
  return (stage) => prepare(stage, 4 * n)
}

function named(door: string, worsts: Readonly<Record<string, Worst | undefined>>, prefix = ''): Named[] {
  return Object.entries(worsts).flatMap(([name, worst]) =>
    worst === undefined ? [] : [{ door, message: `${prefix}${name}`, attack: largest(worst) }],
  )
}

const ATTACKS: readonly Named[] = [
  ...named('/trpc', API),
  ...named('/sync', COMMANDS),
  ...Object.entries(EXCHANGE).flatMap(([field, worsts]) => named('/sync', worsts, `${field}: `)),
  ...Object.entries(EDITOR).flatMap(([kind, worsts]) => named('/yjs', worsts, `${kind}: `)),
  ...Object.entries(FLOODS).map(([message, attack]) => ({ door: 'many', message, attack })),
]

export async function benchLimits(): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'rejoin-bench-'))
  const cacheDir = join(dataDir, 'compile-cache')
  const settings = { REJOIN_PROXIES: '0' }
  const server = new ServerProcess({
    dataDir,
    port: await freePort(),
    cacheDir,
    nodeOptions: ['--expose-gc'],
    settings,
  })
  try {
    await server.open()
    await server.says('Rejoin listens on')
    await using relay = await relayTo(server.url)
    await using pulse = await Pulse.of(server.url)
    const office = await setUpOffice({ url: relay.url, says: (text) => server.says(text) })
    const stage = await stageOn({ url: relay.url, office })
    const only = process.env['BENCH_ONLY'] ?? ''
    const rows: Row[] = []
    for (const each of ATTACKS.filter(({ message }) => message.includes(only))) {
      rows.push(await measure(each, { server, relay, pulse, stage }))
    }
    return report(rows)
  } finally {
    await server.stop()
    rmSync(dataDir, { recursive: true })
  }
}

interface Row extends Named {
  readonly bytes: number
  readonly cpuMs: number
  readonly silenceMs: number
  /** Resident, in bytes: before, right after, and after garbage collection. */
  readonly memory: readonly [number, number, number]
}

interface Setting {
  readonly server: ServerProcess
  readonly relay: Relay
  readonly pulse: Pulse
  readonly stage: Stage
}

async function measure(each: Named, { server, relay, pulse, stage }: Setting): Promise<Row> {
  const send = await each.attack(stage)
  const before = await restedFigures(server)
  relay.takeBytes()
  await pulse.longestMs()
  await send()
  const silenceMs = await pulse.longestMs()
  const after = await metricsOf(server.url)
  const bytes = relay.takeBytes()
  const rested = await restedFigures(server)
  const figure = (figures: Map<string, number>, name: string) => figures.get(name) ?? 0
  const cpuOf = (figures: Map<string, number>) => figure(figures, 'process_cpu_seconds_total') * 1000
  const memory = [before, after, rested].map((figures) => figure(figures, 'process_resident_memory_bytes'))
  return {
    ...each,
    bytes,
    silenceMs,
    cpuMs: cpuOf(after) - cpuOf(before),
    memory: [memory[0] ?? 0, memory[1] ?? 0, memory[2] ?? 0],
  }
}

/** The figures after garbage collection. */
async function restedFigures(server: ServerProcess): Promise<Map<string, number>> {
  for (let each = 0; each < 3; each += 1) {
    server.collectGarbage()
    await (await fetch(`${server.url}/healthz`)).arrayBuffer()
  }
  return metricsOf(server.url)
}

function report(rows: readonly Row[]): string {
  const mib = (bytes: number) => short(bytes / MiB)
  const lines = rows.map(({ door, message, bytes, cpuMs, silenceMs, memory }) => [
    door,
    message,
    short(bytes),
    short(cpuMs),
    short(silenceMs),
    memory.map(mib).join(' → '),
  ])
  const head = ['door', 'message', 'bytes sent', 'CPU ms', 'longest silence ms', 'MiB before → after → rested']
  const over = rows.filter(({ silenceMs }) => silenceMs > LONGEST_SILENCE_MS)
  const verdict =
    over.length === 0
      ? `No silence is longer than ${LONGEST_SILENCE_MS} ms.`
      : `Longer than ${LONGEST_SILENCE_MS} ms: ${over.map(({ message, silenceMs }) => `${message} (${short(silenceMs)} ms)`).join(', ')}.`
  return `${table('limits: the worst messages of each door, alone and many at once', head, lines)}\n${wrapped(verdict)}`
}

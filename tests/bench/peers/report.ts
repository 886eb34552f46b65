/** The figures of a scenario as a Markdown table: one row for each figure, one column for each system. */
import { percentile, range } from '../figures.ts'
import type { Figures } from './scenarios/stage.ts'

export type Samples = ReadonlyMap<string, readonly Figures[]>

/** What the figures are called; those of which more is better are marked. */
const LABELS: Readonly<Record<string, { label: string; unit: string; moreIsBetter?: boolean }>> = {
  ms: { label: 'time', unit: 'ms' },
  cpuMs: { label: 'server CPU', unit: 'ms' },
  sameMs: { label: 'nothing changed: time for each', unit: 'ms' },
  sameCpuMs: { label: 'nothing changed: server CPU for each', unit: 'ms' },
  newsMs: { label: '1 % changed: time for each', unit: 'ms' },
  newsCpuMs: { label: '1 % changed: server CPU for each', unit: 'ms' },
  ackMs: { label: 'all edits acknowledged', unit: 'ms' },
  convergedMs: { label: 'converged', unit: 'ms' },
  clientCpuMs: { label: 'CPU of the client process', unit: 'ms' },
  emptyMb: { label: 'server memory before the devices', unit: 'MB' },
  devices: { label: 'devices', unit: '' },
  idleMb: { label: 'server memory, all devices idle', unit: 'MB' },
  deviceKb: { label: 'of that per device', unit: 'KB' },
  edits: { label: 'acknowledged edits', unit: '' },
  lost: { label: 'lost by a kill -9 right then', unit: '' },
  lostLater: { label: 'lost by a kill -9 15 s later', unit: '' },
  p50Ms: { label: '20/s: p50', unit: 'ms' },
  p99Ms: { label: '20/s: p99', unit: 'ms' },
  calmLoad: { label: '20/s: cores used', unit: '' },
  rate: { label: 'highest rate with p99 ≤ 250 ms', unit: '/s', moreIsBetter: true },
  rateLoad: { label: 'cores used at that rate', unit: '' },
}
const OWN = 'rejoin'

export function reportOf(name: string, samples: Samples): string {
  const systems = [...samples.keys()]
  const keys = [...new Set([...samples.values()].flatMap((runs) => runs.flatMap((figures) => Object.keys(figures))))]
  const rows = keys.map((key) => {
    const { label, unit } = LABELS[key] ?? { label: key, unit: '' }
    const cells = systems.map((system) => cellOf(valuesOf(samples, system, key), unit))
    return `| ${[label, ...cells, ratioOf(samples, key)].join(' | ')} |`
  })
  const head = [name, ...systems, 'best peer / Rejoin']
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...rows].join('\n')
}

function valuesOf(samples: Samples, system: string, key: string): number[] {
  return (samples.get(system) ?? []).flatMap((figures) => figures[key] ?? [])
}

function cellOf(values: readonly number[], unit: string): string {
  return values.length === 0 ? 'failed' : range(values, unit).trim()
}

/** Above 1, Rejoin is the better one, by so many times. */
function ratioOf(samples: Samples, key: string): string {
  const medians = [...samples.keys()].flatMap((system) => {
    const values = valuesOf(samples, system, key)
    return values.length === 0 ? [] : [{ system, value: percentile(values, 0.5) }]
  })
  const own = medians.find(({ system }) => system === OWN)?.value
  const peers = medians.filter(({ system }) => system !== OWN).map(({ value }) => value)
  if (own === undefined || own === 0 || peers.length === 0) return ''
  const more = LABELS[key]?.moreIsBetter === true
  const ratio = more ? own / Math.max(...peers) : Math.min(...peers) / own
  return `${ratio.toPrecision(2)} ×`
}

/**
 * `pnpm bench [scenario…]`: Rejoin beside its peers on this machine, as Markdown tables; progress goes to stderr. Without
 * names, everything. `pnpm bench prepare [scenario…]` only makes the fixtures, and leaves them for the next time.
 * BENCH_RUNS sets the runs of each (3), BENCH_KEEP keeps the fixtures, BENCH_SYSTEMS
 * names the systems with commas in between (all). Every run has a server process and a client process of its own on a
 * fresh copy of the fixture; the systems take turns, so that a noisy minute hits all of them.
 */
import { cpus, loadavg, totalmem } from 'node:os'
import { measureFsync } from '../fsync.ts'
import { dropFixtures } from './fixture.ts'
import { makeFixture } from './make-fixture.ts'
import { reportOf, type Samples } from './report.ts'
import { findSystem, getScenario, SCENARIOS, type Scenario } from './scenarios/scenarios.ts'
import type { Figures } from './scenarios/stage.ts'
import { runApart } from './run-apart.ts'

const RUNS = Number(process.env['BENCH_RUNS'] ?? 3)
const LIMIT_MS = 300_000

const words = process.argv.slice(2)
const onlyPrepares = words[0] === 'prepare'
const names = onlyPrepares ? words.slice(1) : words
const only = process.env['BENCH_SYSTEMS']?.split(',')
const chosen = (names.length > 0 ? names : Object.keys(SCENARIOS)).map((name) => {
  const scenario = getScenario(name)
  return { ...scenario, name, systems: scenario.systems.filter((system) => only?.includes(system) ?? true) }
})
const began = performance.now()

try {
  for (const { name, shape } of chosen) {
    say(`fixture of ${name}`)
    await makeFixture(shape)
  }
  if (!onlyPrepares) await measure()
} finally {
  if (!onlyPrepares && process.env['BENCH_KEEP'] === undefined) dropFixtures()
}
process.exit(0)

async function measure(): Promise<void> {
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  console.log(`${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${gigabytes} GB, ${process.version}`)
  console.log(`fsync of 4 KB: ${measureFsync()}; load ${loadOf()}; ${RUNS} runs each: median (least–most)\n`)
  for (const name of new Set(chosen.flatMap(({ systems }) => systems))) {
    console.log(`- ${name}: ${(await findSystem(name)).durability}`)
  }
  for (const scenario of chosen) {
    const samples = await samplesOf(scenario)
    console.log(`\n## ${scenario.title}\n\n${reportOf(scenario.name, samples)}\n\nLoad ${loadOf()}.`)
  }
}

async function samplesOf({ name, systems, once = [] }: Scenario & { name: string }): Promise<Samples> {
  const samples = new Map<string, Figures[]>(systems.map((system) => [system, []]))
  for (let run = 0; run < RUNS; run += 1) {
    for (const [system, figures] of samples) {
      if (run > 0 && once.includes(system)) continue
      const made = await runOnce(name, system)
      say(`${name} ${run + 1} ${system} ${JSON.stringify(made)}`)
      if (made !== null) figures.push(made)
    }
  }
  return samples
}

/** A run that fails or takes too long says so and leaves a gap in the table. */
async function runOnce(scenario: string, system: string): Promise<Figures | null> {
  try {
    return await runApart(scenario, system, LIMIT_MS)
  } catch (error) {
    say(`${scenario} ${system} failed: ${error instanceof Error ? error.message.slice(-1500) : String(error)}`)
    return null
  }
}

function say(what: string): void {
  const seconds = Math.round((performance.now() - began) / 1000)
  process.stderr.write(`${seconds} s, load ${loadOf()}: ${what}\n`)
}

function loadOf(): string {
  return loadavg()[0]?.toFixed(1) ?? ''
}

/** What the scenarios share: a server on a copy of the fixture, its devices, and the measuring of a step. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyFixture, type Fixture, type Shape } from '../fixture.ts'
import { quiet, type Server } from '../process.ts'
import type { Device, Person, System } from '../systems/system.ts'
import { freePort } from '../../../harness/server-process.ts'

export type Figures = Record<string, number>

export const BRIEF_MS = 500

export interface Stage extends AsyncDisposable {
  readonly system: System
  readonly folder: string
  readonly fixture: Fixture
  server: Server
}

export async function stage(system: System, shape: Shape): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-bench-run-'))
  const fixture = copyFixture(shape, folder, system.files)
  const server = await system.start(folder, await freePort())
  await quiet(server, BRIEF_MS)
  const made: Stage = {
    system,
    folder,
    fixture,
    server,
    async [Symbol.asyncDispose]() {
      // Only a process that ends in peace writes its profile.
      await made.server.end(process.env['BENCH_NODE_OPTIONS'] === undefined ? 'SIGKILL' : 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return made
}

export function devicesOf({ system, server, fixture }: Stage): Promise<Device[]> {
  return Promise.all(fixture.people.map((person) => system.device(server, person)))
}

/** Time until `step` resolves, the client's CPU meanwhile, and the server's CPU until it has come to rest after it. */
export async function measure(
  { server }: Stage,
  step: () => Promise<unknown>,
  restMs = BRIEF_MS,
): Promise<{ ms: number; cpuMs: number; clientCpuMs: number }> {
  const before = server.cpu()
  const client = process.cpuUsage()
  const start = performance.now()
  await step()
  const ms = performance.now() - start
  const { user, system } = process.cpuUsage(client)
  await quiet(server, restMs)
  return { ms, cpuMs: server.cpu() - before, clientCpuMs: (user + system) / 1000 }
}

export async function allOf(devices: readonly Device[], step: (device: Device) => Promise<void>): Promise<void> {
  await Promise.all(devices.map(step))
}

/** A device that only watches. */
export async function watcherOn({ system, server }: Stage, person: Person): Promise<Device> {
  return system.watcher?.(server, person) ?? system.device(server, person)
}

/** Does `step` for so many at a time. */
export async function inWaves<Item>(
  items: readonly Item[],
  atOnce: number,
  step: (some: readonly Item[]) => Promise<unknown>,
): Promise<void> {
  for (let at = 0; at < items.length; at += atOnce) await step(items.slice(at, at + atOnce))
}

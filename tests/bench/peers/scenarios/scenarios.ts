/** The scenarios by name, with the fixture that each needs, and the systems by name. */
import type { Shape } from '../fixture.ts'
import type { System } from '../systems/system.ts'
import { fanOut } from './fan-out.ts'
import { idle } from './idle.ts'
import { bootstrap, reconnect } from './reconnect.ts'
import type { Figures } from './stage.ts'
import { loss, storm } from './storm.ts'

export interface Scenario {
  readonly shape: Shape
  readonly systems: readonly string[]
  run(system: System): Promise<Figures>
}

const PEERS = ['rejoin', 'hocuspocus', 'y-websocket', 'y-websocket-level']
/** Only where durability makes a difference. */
const EAGER = 'hocuspocus-eager'

const SMALL: Shape = { people: 1, tickets: 200 }
const LARGE: Shape = { people: 1, tickets: 1000 }
const MORNING: Shape = { people: 20, tickets: 200 }
const THOUSAND: Shape = { people: 1000, tickets: 20 }
const STORM: Shape = { people: 100, tickets: 20 }
const FEW: Shape = { people: 25, tickets: 20 }
const CROWD: Shape = { people: 51, tickets: 40, shared: true }

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'bootstrap-200': { shape: SMALL, systems: PEERS, run: (system) => bootstrap(system, SMALL) },
  'bootstrap-1000': { shape: LARGE, systems: PEERS, run: (system) => bootstrap(system, LARGE) },
  reconnect: { shape: MORNING, systems: PEERS, run: (system) => reconnect(system, MORNING) },
  storm: { shape: STORM, systems: PEERS, run: (system) => storm(system, STORM) },
  loss: { shape: FEW, systems: [...PEERS, EAGER], run: (system) => loss(system, FEW) },
  idle: { shape: THOUSAND, systems: ['rejoin'], run: (system) => idle(system, THOUSAND) },
  'fan-out': { shape: CROWD, systems: PEERS, run: (system) => fanOut(system, CROWD) },
}

export function getScenario(name: string): Scenario {
  const scenario = SCENARIOS[name]
  if (scenario === undefined) throw new Error(`There is no scenario ${name}: ${Object.keys(SCENARIOS).join(', ')}.`)
  return scenario
}

/** Loads only the system that is asked for: two copies of Yjs in one process know nothing of each other. */
export async function findSystem(name: string): Promise<System> {
  if (name === 'rejoin') return (await import('../systems/rejoin.ts')).rejoin
  const hocuspocus = await import('../systems/hocuspocus.ts')
  const yWebsocket = await import('../systems/y-websocket.ts')
  const peers = [hocuspocus.hocuspocus, hocuspocus.hocuspocusEager, yWebsocket.yWebsocket, yWebsocket.yWebsocketLevel]
  const found = peers.find((peer) => peer.name === name)
  if (found === undefined) throw new Error(`There is no system ${name}.`)
  return found
}

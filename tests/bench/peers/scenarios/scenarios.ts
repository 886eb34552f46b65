/** The scenarios by name, with the fixture that each needs, and the systems by name. */
import type { Shape } from '../fixture.ts'
import type { System } from '../systems/system.ts'
import { fanOut } from './fan-out.ts'
import { idle } from './idle.ts'
import { bootstrap, reconnect } from './reconnect.ts'
import type { Figures } from './stage.ts'
import { loss, lossLater, storm } from './storm.ts'

export interface Scenario {
  readonly title: string
  readonly shape: Shape
  readonly systems: readonly string[]
  /** Those that are run once only: they take long, and are nowhere the best peer. */
  readonly once?: readonly string[]
  run(system: System): Promise<Figures>
}

const LEVEL = 'y-websocket-level'
const PEERS = ['rejoin', 'hocuspocus', 'y-websocket', LEVEL]
/** Only where durability makes a difference. */
const ALL = [...PEERS, 'hocuspocus-eager']

const SMALL: Shape = { people: 1, tickets: 200 }
const LARGE: Shape = { people: 1, tickets: 1000 }
const MORNING: Shape = { people: 200, tickets: 200 }
const THOUSAND: Shape = { people: 1000, tickets: 20 }
const STORM: Shape = { people: 200, tickets: 20 }
const CROWD: Shape = { people: 201, tickets: 20, shared: true }

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'bootstrap-200': {
    title: 'A new device takes 200 tickets',
    shape: SMALL,
    systems: PEERS,
    run: (system) => bootstrap(system, SMALL),
  },
  'bootstrap-1000': {
    title: 'A new device takes 1,000 tickets',
    shape: LARGE,
    systems: PEERS,
    run: (system) => bootstrap(system, LARGE),
  },
  reconnect: {
    title:
      '200 devices × 200 tickets (of the peers 50 devices) come back, 12 hours later; nothing changed, or 1 % of the tickets',
    shape: MORNING,
    systems: PEERS,
    once: ['hocuspocus', LEVEL],
    run: (system) => reconnect(system, MORNING),
  },
  storm: {
    title: '200 devices × 20 offline edits come back at once while the office writes 200 comments',
    shape: STORM,
    systems: PEERS,
    run: (system) => storm(system, STORM),
  },
  loss: {
    title: '200 devices × 20 edits, acknowledged, then kill -9',
    shape: STORM,
    systems: ALL,
    once: PEERS.slice(1),
    run: (system) => loss(system, STORM),
  },
  'loss-later': {
    title: 'The same, killed 15 s later: a check of the measurement',
    shape: STORM,
    systems: ['rejoin', 'hocuspocus', 'hocuspocus-eager'],
    once: ALL,
    run: (system) => lossLater(system, STORM),
  },
  idle: {
    title: '1,000 devices × 20 tickets (of the peers 250 devices), idle',
    shape: THOUSAND,
    systems: ['rejoin', 'hocuspocus', 'y-websocket'],
    once: PEERS,
    run: (system) => idle(system, THOUSAND),
  },
  'fan-out-50': {
    title: 'One writes, 50 watch 20 tickets',
    shape: CROWD,
    systems: PEERS,
    once: [LEVEL],
    run: (system) => fanOut(system, CROWD, 50),
  },
  'fan-out-200': {
    title: 'One writes, 200 watch 20 tickets',
    shape: CROWD,
    systems: PEERS,
    once: PEERS.slice(1),
    run: (system) => fanOut(system, CROWD, 200),
  },
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

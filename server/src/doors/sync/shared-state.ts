/** The state shared by the sessions of the device door: limits, last contacts of devices, and presence. In memory. */
import type { Machine } from '../../core/machine.ts'
import { Admission, type Limits } from './admission.ts'
import { Contacts } from './contacts.ts'
import { Greetings } from './greetings.ts'
import { LiveFrames } from './live.ts'
import { Oversized } from './oversized.ts'
import { Presence } from './presence.ts'
import { DeviceConnections } from './device-connections.ts'

export interface SyncState {
  readonly admission: Admission
  readonly contacts: Contacts
  readonly live: LiveFrames
  readonly oversized: Oversized
  readonly greetings: Greetings
  readonly presence: Presence
  readonly connections: DeviceConnections
}

export function newSyncState(
  { commits, log, metrics, mono, now }: Pick<Machine, 'commits' | 'log' | 'metrics' | 'mono' | 'now'>,
  { epoch, limits }: { epoch: string; limits?: Partial<Limits> | undefined },
): SyncState {
  return {
    admission: new Admission({ metrics, now: mono, queuedCommands: () => commits.waiting }, limits),
    contacts: new Contacts(commits),
    live: new LiveFrames({ epoch, now }),
    oversized: new Oversized({ log, metrics }),
    greetings: new Greetings(),
    presence: new Presence(),
    connections: new DeviceConnections(),
  }
}

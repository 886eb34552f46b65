/** The operations that a scenario asks of each system. */
import type * as Y from 'yjs'
import type { Server } from '../process.ts'

/** One person with the tickets that their device holds. */
export interface Person {
  readonly token: string
  readonly ticketIds: readonly string[]
}

export interface Office {
  comment(ticketId: string, body: string): Promise<void>
  close(): Promise<void>
}

export interface Device {
  /** Resolves when the device is live and has heard of everything that it did not hold. */
  connect(): Promise<void>
  disconnect(): Promise<void>
  /** Resolves when the server has acknowledged every edit, in its own way. */
  acknowledged(): Promise<void>
  comment(ticketId: string, body: string): Promise<void>
  rename(ticketId: string, title: string): Promise<void>
  /** The replica of a ticket that the device holds. */
  doc(ticketId: string): Y.Doc
  close(): Promise<void>
}

export interface System {
  readonly name: string
  /** The files of a fixture from which it starts. */
  readonly files: readonly string[]
  /** The share of the devices that is measured where many come: smaller for a system that needs minutes for all. */
  readonly share: number
  /** When an edit is on disk, in words. */
  readonly durability: string
  /** How long it must be still before its deferred work is surely done. */
  readonly restMs: number
  /** Starts it on the fixture in `folder`. */
  start(folder: string, port: number): Promise<Server>
  device(server: Server, person: Person): Promise<Device>
  /** Whether the server must really have met a device that counts as returning. */
  readonly mustMeet: boolean
  /** A device that has been here before and is away: it holds its tickets as the fixture has them. */
  returning(server: Server, person: Person, copyOf: (ticketId: string) => Uint8Array): Promise<Device>
  /** A device that only watches, where `device` does more than the others' do. */
  watcher?(server: Server, person: Person): Device
  /** Somebody who is online throughout and may write to these tickets. */
  office(server: Server, token: string, ticketIds: readonly string[]): Promise<Office>
  /** Lets a night pass while the devices are away. */
  night?(folder: string): void
}

export interface CommentItem {
  readonly id: string
  readonly body: string
}

/** The texts of the comments in a replica, which has the same shape in all systems. */
export function bodiesOf(doc: Y.Doc): string[] {
  return doc.getArray<CommentItem>('comments').map(({ body }) => body)
}

export function titleOf(doc: Y.Doc): unknown {
  return doc.getMap('fields').get('title')
}

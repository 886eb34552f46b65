/** The documents of a fixture as Rejoin made them, which every system starts from. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface TicketState {
  readonly ticketId: string
  /** Yjs state, v1. */
  readonly state: Uint8Array
}

export function writeStates(folder: string, states: readonly TicketState[]): void {
  const lines = states.map(({ ticketId, state }) => `${ticketId} ${Buffer.from(state).toString('base64')}`)
  writeFileSync(join(folder, 'states.txt'), lines.join('\n'))
}

export function readStates(folder: string): TicketState[] {
  return readFileSync(join(folder, 'states.txt'), 'utf8')
    .split('\n')
    .map((line) => {
      const [ticketId = '', state = ''] = line.split(' ')
      return { ticketId, state: new Uint8Array(Buffer.from(state, 'base64')) }
    })
}

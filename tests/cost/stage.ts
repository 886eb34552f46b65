/** What a worst message is, and whom it is sent to. */
import { v7 } from 'uuid'
import type { CountedServer } from '../harness/steps/counted-server.ts'

export interface Stage {
  readonly server: Pick<CountedServer, 'url' | 'office'>
  /** Of somebody who may do everything, and carries nothing. */
  readonly token: string
  /** Of somebody whose devices carry every ticket. */
  readonly carrier: string
  /** A ticket that its sender may do everything with. */
  ticket(): Promise<string>
}

/** The worst that somebody may send of a kind: what its cost could be the square of. */
export interface Worst {
  /** Half of half of what is taken, or of what a test has time for. */
  readonly n: number
  /** Prepares a message of that size. What it answers sends it, and resolves when it was answered. */
  readonly prepare: (stage: Stage, n: number) => Promise<() => Promise<unknown>>
}

export async function stageOn(server: Stage['server']): Promise<Stage> {
  const { api, token, departmentId } = server.office
  const { token: carrier } = await server.office.hire('ada', 'agent')
  return {
    server,
    token,
    carrier,
    async ticket() {
      const ticketId = v7()
      await api.tickets.create.mutate({ ticketId, title: 'Printer', departmentId })
      return ticketId
    },
  }
}

/** Something for each of the numbers below `n`. */
export function times<Item>(n: number, make: (index: number) => Item): Item[] {
  return Array.from({ length: n }, (_, index) => make(index))
}

/** The shape of a worst message, and the server and people it is sent to. */
import { v7 } from 'uuid'
import type { CountedServer } from '../harness/steps/counted-server.ts'

export interface Stage {
  readonly server: Pick<CountedServer, 'url' | 'office'>
  /** The token of somebody who may do everything, and carries nothing. */
  readonly token: string
  /** The token of somebody whose devices carry every ticket. */
  readonly carrier: string
  /** A ticket that its sender may do everything with. */
  ticket(): Promise<string>
}

/** The worst message of a kind that somebody may send: its cost could grow with the square of its size. */
export interface Worst {
  /** A quarter of the largest size that the server takes, or that a test has time for. */
  readonly n: number
  /** Prepares a message of that size. The function it answers sends the message, and resolves with the answer. */
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

/** Puts the updates of a log through, one after the other, each on the device of the group that made it. */
import { TRPCClientError } from '@trpc/client'
import { v7 } from 'uuid'
import { z } from 'zod'
import { Case } from './case.ts'
import type { Crew } from './crew.ts'
import { claim, create, express, move, moves } from './express.ts'
import type { Group } from './group.ts'
import type { Update } from './read.ts'

/** How often a ticket is worked on by its next group before the one before has got rid of it. */
const IS_LATE = 0.1
/** How often the dispatcher takes a ticket from a group that is away. */
const IS_DISPATCHED = 0.3

export class Replay {
  /** The commands of each update, by its line. */
  readonly commands = new Map<number, readonly string[]>()
  readonly cases = new Map<string, Case>()
  readonly handovers = { inPerson: 0, late: 0, dispatched: 0 }
  readonly #crew: Crew
  readonly #random: () => number

  constructor(crew: Crew, random: () => number) {
    this.#crew = crew
    this.#random = random
  }

  async put(update: Update): Promise<void> {
    const group = this.#crew.groupOf(update)
    const known = this.cases.get(update.incident)
    const commands = known === undefined ? await this.#open(update, group) : await this.#goOn(known, update, group)
    this.commands.set(update.line, commands)
  }

  async #open(update: Update, group: Group): Promise<string[]> {
    const ticketId = v7()
    this.cases.set(update.incident, new Case(ticketId, group, update))
    const opening = [create(ticketId, group.departmentId, update), claim(ticketId)]
    return group.work([...opening, ...moves({ ticketId, status: 'open' }, update)])
  }

  async #goOn(known: Case, update: Update, group: Group): Promise<string[]> {
    const commands: string[] = []
    // A resolved ticket cannot be moved: the group that resolved it goes on with it.
    if (group !== known.group && known.isOpen) commands.push(...(await this.#handOver(known, group)))
    const steps = express(known.sight(), known.last, update)
    known.follow(update)
    commands.push(...(await known.group.work(steps)))
    return commands
  }

  /** Resolves with the commands that it took. Afterwards the next group may or may not have the ticket. */
  async #handOver(known: Case, to: Group): Promise<string[]> {
    const { ticketId, group: from } = known
    known.group = to
    known.isClaimed = false
    const chance = this.#random()
    if (from.isAway && chance < IS_DISPATCHED && (await this.#dispatch(ticketId, to))) {
      this.handovers.dispatched += 1
      await to.rejoin()
      return []
    }
    const isLate = chance > 1 - IS_LATE
    if (isLate) await from.leave()
    const commands = await from.work([move(ticketId, to.departmentId)])
    if (!isLate) {
      await from.rejoin()
      await to.rejoin()
    }
    this.handovers[isLate ? 'late' : 'inPerson'] += 1
    return commands
  }

  /** Whether the dispatcher could move it: the office may not even know of it yet. */
  async #dispatch(ticketId: string, { departmentId }: Group): Promise<boolean> {
    try {
      await this.#crew.dispatcher.api.tickets.move.mutate({ ticketId, departmentId })
      return true
    } catch (error) {
      if (error instanceof TRPCClientError && isRefusal(error)) return false
      throw error
    }
  }
}

/** The server's "no", as opposed to a server that failed or is not there. */
function isRefusal({ data }: { data: unknown }): boolean {
  const { httpStatus } = z.object({ httpStatus: z.int() }).catch({ httpStatus: 0 }).parse(data)
  return httpStatus >= 400 && httpStatus < 500
}

/**
 * When the clock of the machine was ahead and is back, corrects the times that it wrote meanwhile, and recomputes the
 * SLA clocks of the affected tickets: a person who was told of a false breach is told so.
 */
import { z } from 'zod'
import { command } from '../../core/command.ts'
import type { Commits } from '../../core/commit/commit.ts'
import type { Read } from '../../core/storage/db.ts'
import { SYSTEM_ID } from '../../core/ids.ts'
import type { Log } from '../../core/runtime/log.ts'
import type { Lapse, Steadiness } from '../../core/runtime/steadiness.ts'
import { mend } from '../../slices/sla/clocks/recompute.ts'
import { tellOfFired } from '../../slices/sla/escalation/tell.ts'
import { correctTimes, leftToDo, noteAhead, noteMended } from './correct-times.ts'
import { Since } from './events.ts'

const BATCH = 200
const AS_SYSTEM = { actorId: SYSTEM_ID }

interface Ports {
  readonly read: Read
  readonly commits: Commits
  readonly log: Log
}

export class AfterJumps {
  readonly #ports: Ports
  /** The remaining work, in this order. */
  readonly #left: (() => Promise<void>)[] = []
  #running: Promise<void> | null = null

  constructor(ports: Ports) {
    this.#ports = ports
  }

  /** Completes the work that the previous run of the program left. */
  async begin(steadiness: Steadiness): Promise<void> {
    const left = leftToDo(this.#ports.read)
    if (left?.kind === 'ahead') steadiness.begin(left.spans)
    else if (left?.kind === 'mend') this.#left.push(() => this.#mend(left.since))
    await this.#attempt()
  }

  wentAhead(spans: Lapse['spans']): void {
    this.#soon(() => this.#ports.commits.commitOrThrow(noteAhead, { spans }, AS_SYSTEM).then(() => undefined))
  }

  cameBack(lapse: Lapse): void {
    this.#soon(async () => {
      const { output } = await this.#ports.commits.commitOrThrow(correctTimes, lapse, AS_SYSTEM)
      this.#left.unshift(() => this.#mend(output.since))
    })
  }

  /** Does the remaining work. Rejects if a part fails, which then remains. */
  async settle(): Promise<void> {
    await (this.#running ??= this.#run().finally(() => (this.#running = null)))
  }

  #soon(work: () => Promise<void>): void {
    this.#left.push(work)
    void this.#attempt()
  }

  /** The next sweep tries again. */
  async #attempt(): Promise<void> {
    try {
      await this.settle()
    } catch (error) {
      this.#ports.log.warn({ err: error }, 'times are not corrected yet')
    }
  }

  async #run(): Promise<void> {
    for (let work = this.#left.shift(); work !== undefined; work = this.#left.shift()) {
      try {
        await work()
      } catch (error) {
        this.#left.unshift(work)
        throw error
      }
    }
  }

  async #mend(since: Since): Promise<void> {
    const { commits } = this.#ports
    for (let after: string | null = ''; after !== null;) {
      after = await mendSome(commits, { after, since })
    }
    await commits.commitOrThrow(noteMended, undefined, AS_SYSTEM)
  }
}

async function mendSome(commits: Commits, input: { after: string; since: Since }): Promise<string | null> {
  return (await commits.commitOrThrow(mendTouched, input, AS_SYSTEM)).output.last
}

const mendTouched = command({
  name: 'clock.mend-touched',
  input: z.object({ after: z.string(), since: Since }),
  room: 'any',
  async run(context, { after, since }) {
    const ticketIds = ticketsTouched(context.tx, since, after)
    for (const ticketId of ticketIds) {
      context.show(ticketId, 'all')
      await tellOfFired(context, ticketId, mend(context, ticketId))
    }
    return { last: ticketIds.length < BATCH ? null : (ticketIds.at(-1) ?? null) }
  },
})

/** The tickets with entries since, by id. */
function ticketsTouched(read: Read, since: Since, after: string): string[] {
  const rows = read.rows<{ id: string }>(
    `select id from ticket where id > ? and id in (
      select "subjectId" from event where id > ${since.event} and subject = 'ticket'
      union select "ticketId" from "slaChoice" where id > ${since.slaChoice}
      union select "ticketId" from "slaClock" where id in (select "clockId" from "slaEvent" where id > ${since.slaEvent}))
    order by id limit ${BATCH}`,
    [after],
  )
  return rows.map(({ id }) => id)
}

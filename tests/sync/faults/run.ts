/** Everything that takes part in one run, and how the schedule reaches it. */
import { randomFrom, type Random } from '../../harness/random.ts'
import type { Clock } from '../../harness/clock.ts'
import { Wire } from '../../harness/wire.ts'
import type { Book } from './book.ts'
import { Caller } from './caller.ts'
import { DeviceDriver } from './device-driver.ts'
import type { Member, Office } from './office.ts'
import type { Outside } from './outside.ts'
import type { Site } from './site.ts'
import { turns } from './turns.ts'

export interface Run {
  readonly random: Random
  readonly clock: Clock
  readonly book: Book
  readonly office: Office
  readonly site: Site
  readonly outside: Outside
  readonly drivers: readonly DeviceDriver[]
  readonly callers: readonly Caller[]
  /** Of tickets that somebody opened, whether or not the server knows them yet. */
  readonly ticketIds: string[]
  /** Calls under way; none of them rejects. */
  readonly calls: Set<Promise<void>>
  /** What happens after the next step. */
  readonly later: (() => void)[]
  /** Folders with copies of the server's data, the oldest first. */
  readonly backups: string[]
  readonly counts: Counts
}

/** What the summary tells of a run, beside its faults and verdicts. */
export interface Counts {
  restarts: number
  restores: number
}

/** Who has a device (`ada` has two), and who works at a desk. */
const WITH_DEVICES = ['ada', 'ada', 'bob', 'cem', 'sue']
const AT_DESKS = ['office', 'office', 'sue', 'tim', 'rob', 'ria']

export async function assemble(
  parts: Pick<Run, 'random' | 'clock' | 'book' | 'office' | 'site' | 'outside' | 'counts'>,
): Promise<Run & AsyncDisposable> {
  const { random, clock, book, office, site } = parts
  const member = (name: string): Member => {
    const found = office.members.find((each) => each.name === name)
    if (found === undefined) throw new Error(`nobody is called ${name}`)
    return found
  }
  const wires: Wire[] = []
  const wire = async () => {
    const made = await Wire.to(site.url)
    wires.push(made)
    return made
  }
  const drivers: DeviceDriver[] = []
  for (const name of WITH_DEVICES) {
    const own = randomFrom(random.below(2 ** 32))
    drivers.push(new DeviceDriver({ member: member(name), clock, wire: await wire(), random: own, book }))
  }
  const callers: Caller[] = []
  for (const name of AT_DESKS) callers.push(new Caller(member(name), await wire(), book))
  return {
    ...parts,
    drivers,
    callers,
    ticketIds: [],
    calls: new Set(),
    later: [],
    backups: [],
    async [Symbol.asyncDispose]() {
      for (const driver of drivers) driver.crash()
      for (const each of wires) await each.close()
    },
  }
}

/** Lets `work` go on beside the schedule. What it throws ends the run. */
export function begin({ calls, book }: Run, work: Promise<unknown>): void {
  const call = work.then(
    () => undefined,
    (error: unknown) => book.failed(error),
  )
  calls.add(call)
  void call.then(() => calls.delete(call))
}

/** Resolves when the server has answered what had reached it, and nothing is on its way for a moment. */
export async function quiet({ site }: Run): Promise<void> {
  for (let each = 0; each < 2; each += 1) {
    await turns(6)
    await (await fetch(`${site.url}/healthz`)).arrayBuffer()
  }
  await turns(6)
}

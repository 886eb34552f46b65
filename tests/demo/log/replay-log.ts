/** The demo with a file: every update of an incident log as work of people who keep losing the network. */
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { openSandbox } from '../sandbox.ts'
import { ServerProcess } from '../server-process.ts'
import { endProgress, heading, progress, say } from '../terminal.ts'
import { setUpAdmin, type Person } from '../workspace.ts'
import { checkpoint } from './checkpoint.ts'
import { hire, type Crew } from './crew.ts'
import { randomFrom } from '../../harness/random.ts'
import { readLog, type Update } from './read.ts'
import { Replay } from './replay.ts'
import { report } from './report.ts'

const CHECKPOINTS = 4
const MAX_SEED = 2 ** 32 - 1

/** Throws `BadLog`, and `DoesNotHold` at the first thing that is not as promised. */
export async function replayLog(file: string, seed = randomInt(MAX_SEED)): Promise<void> {
  const startedAt = performance.now()
  const updates = readLog(file)
  heading(`${updates.length} updates of ${countIncidents(updates)} incidents`)
  say(
    `The seed is ${seed}. With --seed ${seed} chance decides the same again; how fast the network is, it does not decide.`,
  )
  const server = await ServerProcess.start({ dataDir: join(openSandbox(), 'server') })
  const admin = await setUpAdmin(server, 'Olga')
  const failure = Promise.withResolvers<never>()
  const work = async () => {
    const crew = await hire(updates, { url: await server.url(), admin, seed, fail: failure.reject })
    say(`A server runs as process ${server.pid}; ${crew.groups.length} groups have a device each.`)
    const replay = new Replay(crew, randomFrom(seed).next)
    const compared = await replayAll(updates, replay, { admin, crew })
    await report({ updates, replay, crew, admin, server, compared, startedAt })
    for (const { field } of crew.groups) await field.close()
  }
  await Promise.race([work(), failure.promise])
  await server.stop()
}

/** Returns how many replicas were compared on the way and at the end. */
async function replayAll(updates: readonly Update[], replay: Replay, { admin, crew }: Setting): Promise<number> {
  let compared = 0
  const size = Math.ceil(updates.length / CHECKPOINTS)
  for (const [index, update] of updates.entries()) {
    await replay.put(update)
    const done = index + 1
    const away = crew.groups.filter(({ isAway }) => isAway).length
    progress(`${done} of ${updates.length} updates, ${away} of ${crew.groups.length} devices without a network`)
    if (done % size !== 0 && done !== updates.length) continue
    const held = await checkpoint(admin, crew.groups)
    compared += held
    endProgress()
    say(`After ${done} updates everybody rejoins: ${held} replicas, all equal to the server.`)
  }
  return compared
}

interface Setting {
  readonly admin: Person
  readonly crew: Crew
}

function countIncidents(updates: readonly Update[]): number {
  return new Set(updates.map(({ incident }) => incident)).size
}

/** Nobody waits for the end of long work: others have turns of the event loop in the middle of it. */
import { setImmediate } from 'node:timers/promises'
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { command } from '@rejoin/server/core/command.ts'
import { SYSTEM_ID } from '@rejoin/server/core/ids.ts'
import { startWorld, type World } from '../harness/world.ts'

const as = { actorId: SYSTEM_ID }
const TURN_MS = 30

/** A command that takes longer than a turn may. */
const busy = command({
  name: 'test.busy',
  input: z.object({}),
  async run() {
    const end = performance.now() + TURN_MS
    while (performance.now() < end);
  },
})

const many = command({
  name: 'test.many',
  input: z.object({ times: z.int() }),
  async run(context, { times }) {
    for (let each = 0; each < times; each += 1) await context.call(busy, {})
  },
})

/** How many turns the event loop took until `work` was over. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  const state = { turns: 0, isOver: false }
  void work.finally(() => (state.isOver = true))
  while (!state.isOver) {
    await setImmediate()
    state.turns += 1
  }
  return state.turns
}

const WORK: Readonly<Record<string, (world: World, times: number) => Promise<unknown>>> = {
  'the commands of a batch': ({ app }, times) =>
    Promise.all(Array.from({ length: times }, () => app.commits.commit(busy, {}, { ...as, id: v7() }))),
  'the members of a group': ({ app }, times) =>
    app.commits.commitTogether(
      Array.from({ length: times }, () => ({ command: busy, input: {}, request: { ...as, id: v7() } })),
    ),
  'the parts of one command': ({ app }, times) => app.commits.commit(many, { times }, as),
}

it.for(Object.entries(WORK))('lets others have a turn between %s', async ([, work]) => {
  await using world = await startWorld()
  const [few, more] = [await turnsDuring(work(world, 2)), await turnsDuring(work(world, 12))]
  expect(more - few).toBeGreaterThanOrEqual(8)
})

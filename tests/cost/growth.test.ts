/**
 * A message costs in proportion to its size. The worst message of each kind is sent to a server whose steps are
 * counted, at a size, at twice and at four times that: the added steps may double as the message does, and not grow
 * with its square.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEVICE_COMMANDS, type DeviceCommandName } from '@rejoin/shared/commands.ts'
import { Exchange } from '@rejoin/shared/sync/wire.ts'
import { startCountedServer, type CountedServer } from '../harness/steps/counted-server.ts'
import type { Steps } from '../harness/steps/counter.ts'
import { API, LIKE } from './api.ts'
import { offeredCommands } from './commands.ts'
import { EDITOR } from './editor.ts'
import { COMMANDS, EXCHANGE, MISSED } from './exchange.ts'
import { listsIn } from './lists.ts'
import { stageOn, type Stage, type Worst } from './stage.ts'

/** Linear work doubles, with a logarithm somewhat more; the square makes it four times. */
const MOST_GROWTH = 2.8
/** A share of the steps at twice the size: jobs run beside it, and the engine drops counts when it frees memory. */
const NOISE = 0.15
/** Noise that exceeds this share once does not do so again. */
const AGAIN = { retry: 2 }

let server: CountedServer
let stage: Stage
beforeAll(async () => {
  server = await startCountedServer()
  stage = await stageOn(server)
})
afterAll(() => server[Symbol.asyncDispose]())

/** The growth, where it exceeds that of the size; else null. */
async function excessOf({ n, prepare }: Worst): Promise<string | null> {
  const taken: Steps[] = []
  // Work that happens only once, such as the loading of a module, is over then.
  await (
    await prepare(stage, n)
  )()
  for (const size of [n, 2 * n, 4 * n]) taken.push(await server.stepsOf(await prepare(stage, size)))
  const [one = 0, two = 0, four = 0] = taken.map(({ steps }) => steps)
  if (four - two <= MOST_GROWTH * Math.max(0, two - one) + NOISE * two) return null
  return `${one}, ${two}, ${four} steps; at last most of them in ${JSON.stringify(taken.at(-1)?.most)}`
}

for (const [kind, worsts] of Object.entries(EDITOR)) {
  describe.runIf(Object.keys(worsts).length > 0)(`an editor’s ${kind}`, () => {
    it.each(Object.entries(worsts))('costs what it weighs: %s', AGAIN, async (_, worst) => {
      expect(await excessOf(worst)).toBeNull()
    })
  })
}

for (const [field, worsts] of Object.entries(EXCHANGE)) {
  describe(`a device’s ${field}`, () => {
    it.each(Object.entries(worsts))('cost what they weigh: %s', AGAIN, async (_, worst) => {
      expect(await excessOf(worst)).toBeNull()
    })
  })
}

describe('many commands of a device', () => {
  it.each(Object.entries(COMMANDS))('cost as many times what one does: %s', AGAIN, async (_, worst) => {
    expect(await excessOf(worst)).toBeNull()
  })
})

it('costs a device that was away what it has missed', AGAIN, async () => {
  expect(await excessOf(MISSED)).toBeNull()
})

describe('a call of the API', () => {
  it.each(Object.entries(API))('costs what it weighs: %s', AGAIN, async (_, worst) => {
    expect(await excessOf(worst)).toBeNull()
  })
})

describe('the table of worst messages', () => {
  it('has each command with a list of something, or says which row is like it', async () => {
    const large = (await offeredCommands()).filter(({ input }) => listsIn(input).length > 0).map(({ name }) => name)
    expect(large.length).toBeGreaterThan(15)
    expect(large.filter((name) => !(name in API) && !(name in LIKE))).toEqual([])
  })

  it('has each field of an exchange that holds many of something', () => {
    const fields = listsIn(Exchange).map((path) => path.replace(/\W.*/, ''))
    expect(Object.keys(EXCHANGE).toSorted()).toEqual([...new Set(fields)].toSorted())
  })

  it('has each command that holds many of something', () => {
    const names = Object.keys(DEVICE_COMMANDS) as DeviceCommandName[]
    const large = names.filter((name) => listsIn(DEVICE_COMMANDS[name].input).length > 0)
    expect(large.filter((name) => COMMANDS[name] === undefined)).toEqual([])
  })
})

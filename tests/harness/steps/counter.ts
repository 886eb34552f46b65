/**
 * Runs before the server in a process of its own, and counts what it does: how often each block of JavaScript runs, ours
 * and that of libraries, and how many elements the built-in functions of lists walk over. The same work gives the same
 * count on any machine. Asked by HTTP on `STEPS_PORT`, it answers with the count since it was last asked.
 */
import { createServer } from 'node:http'
import { Session } from 'node:inspector/promises'

/** Each looks at the elements of its list in the engine, where no block is counted; */
const LOOKING = ['includes', 'indexOf', 'lastIndexOf', 'join']
/** these only move them, so many in the time of a step. */
const MOVING = ['concat', 'reverse', 'shift', 'slice', 'splice', 'unshift']
const MOVED_AT_ONCE = 512
const LISTS: readonly object[] = [Array.prototype, Object.getPrototypeOf(Uint8Array.prototype) as object]

/** How many there were, and which functions took most of them. */
export interface Steps {
  readonly steps: number
  readonly most: readonly (readonly [name: string, steps: number])[]
}

let walked = 0

for (const [names, atOnce] of [
  [LOOKING, 1],
  [MOVING, MOVED_AT_ONCE],
] as const) {
  for (const list of LISTS) for (const name of names) count(list, name, atOnce)
}

function count(list: object, name: string, atOnce: number): void {
  const own = Reflect.get(list, name) as ((...values: unknown[]) => unknown) | undefined
  if (own === undefined) return
  const counted = function (this: ArrayLike<unknown>, ...values: unknown[]) {
    walked += this.length / atOnce
    return Reflect.apply(own, this, values)
  }
  Object.defineProperty(list, name, { value: counted, writable: true, configurable: true })
}

const session = new Session()
session.connect()
await session.post('Profiler.enable')
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })

async function take(): Promise<Steps> {
  const { result } = await session.post('Profiler.takePreciseCoverage')
  const scripts = result.filter(({ url }) => url.startsWith('file:') && !url.includes('/tests/'))
  const byFunction = scripts.flatMap(({ url, functions }) =>
    functions.map(({ functionName, ranges }): [string, number] => [
      `${functionName} of ${url.split('/').slice(-2).join('/')}`,
      ranges.reduce((sum, { count }) => sum + count, 0),
    ]),
  )
  byFunction.push(['lists of the engine', Math.round(walked)])
  walked = 0
  const steps = byFunction.reduce((sum, [, count]) => sum + count, 0)
  return { steps, most: byFunction.toSorted(([, one], [, other]) => other - one).slice(0, 8) }
}

const port = Number(process.env['STEPS_PORT'])
const answers = createServer((_request, response) => {
  take().then(
    (steps) => response.end(JSON.stringify(steps)),
    (error: unknown) => response.writeHead(500).end(String(error)),
  )
})
answers.listen(port, '127.0.0.1').unref()

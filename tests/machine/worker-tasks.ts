/** The program of worker threads in `workers.test.ts`: tasks that do not behave. */
import { serveTasks } from '@rejoin/server/core/workers/thread.ts'
import { task } from '@rejoin/server/core/workers/task.ts'
import { Refusal } from '@rejoin/shared/errors.ts'

let calls = 0

export const count = task({ name: 'count', run: (_: null) => (calls += 1) })

export const loopForEver = task({
  name: 'loop',
  run(_: null): number {
    for (let turn = 0; ; turn += 1) if (turn < 0) return turn
  },
})

export const fillMemory = task({
  name: 'fill',
  run(_: null): number {
    const kept: unknown[] = []
    while (kept.length < 1e9) kept.push({ text: `${kept.length}` })
    return kept.length
  },
})

export const descend = task({
  name: 'descend',
  run(_: null): number {
    const deeper = (depth: number): number => deeper(depth + 1) + 1
    return deeper(0)
  },
})

export const refuse = task({
  name: 'refuse',
  run({ line }: { line: number }): never {
    throw new Refusal('invalid', `file: line ${line}: no.`, 'Try another.')
  },
})

export const leave = task({ name: 'leave', run: (_: null) => process.exit(0) })

/** A thread begins with this file; tests import it for the names. */
serveTasks([count, loopForEver, fillMemory, descend, refuse, leave])

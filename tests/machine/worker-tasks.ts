/** The program of worker threads in `workers.test.ts`: tasks that do not behave. */
import SQLite from 'better-sqlite3'
import { serveTasks } from '@rejoin/server/core/runtime/workers/thread.ts'
import { task } from '@rejoin/server/core/runtime/workers/task.ts'
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

/** Computes for so many ms. */
export const compute = task({
  name: 'compute',
  run({ ms }: { ms: number }): number {
    const begun = process.threadCpuUsage()
    for (let turn = 1; ; turn += 1) {
      const { user, system } = process.threadCpuUsage(begun)
      if (user + system >= ms * 1000) return turn
    }
  },
})

/** One query, in the middle of which nobody can ask the thread anything. */
export const askSqlite = task({
  name: 'sqlite',
  run({ rows }: { rows: number }): unknown {
    const db = new SQLite(':memory:')
    const numbers = 'with recursive n (i) as (select 1 union all select i + 1 from n where i < ?)'
    return db.prepare(`${numbers} select sum(i) from n`).pluck().get(rows)
  },
})

export const noteAndRefuse = task({
  name: 'note',
  run(_: null, note): never {
    note({ met: 1 })
    note({ met: 2 })
    throw new Refusal('invalid', 'file: no.')
  },
})

/** A thread begins with this file; tests import it for the names. */
serveTasks([count, loopForEver, fillMemory, descend, refuse, leave, compute, askSqlite, noteAndRefuse])

/** `pnpm bench [name…]`: measures the program on this machine. Without names, everything; it takes a few minutes. */
import { cpus, totalmem } from 'node:os'
import { benchBinary } from './binary.ts'
import { benchCatchUp } from './catch-up.ts'
import { benchCommit } from './commit.ts'
import { benchFanOut } from './fan-out.ts'
import { wrapped } from './figures.ts'
import { measureFsync } from './fsync.ts'
import { benchIdle } from './idle.ts'
import { benchLists } from './lists.ts'
import { benchLimits } from './limits.ts'
import { benchReconnect } from './reconnect.ts'
import { benchSla } from './sla.ts'
import { benchSweep } from './sla-sweep.ts'

const BENCHES: Readonly<Record<string, () => Promise<string>>> = {
  commit: benchCommit,
  'catch-up': benchCatchUp,
  reconnect: benchReconnect,
  'fan-out': benchFanOut,
  idle: benchIdle,
  lists: benchLists,
  limits: benchLimits,
  sla: async () => `${await benchSla()}\n${await benchSweep()}`,
  binary: benchBinary,
}

const names = process.argv.slice(2)
const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name))
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. There are: ${Object.keys(BENCHES).join(', ')}.`)
  process.exitCode = 1
} else {
  const [cpu] = cpus()
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  const says = (text: string) => console.log(wrapped(text))
  says(`${cpus().length} × ${cpu?.model.trim() ?? 'CPU'}, ${gigabytes} GB, node ${process.version}`)
  says('One server process, one client process, loopback. SQLite: WAL, synchronous=FULL, one fsync per batch.')
  says(`fsync of 4 KB in the data directory: ${measureFsync()}`)
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (names.length === 0 || names.includes(name)) console.log(`\n${await bench()}`)
  }
}

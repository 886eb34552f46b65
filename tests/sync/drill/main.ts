/**
 * `pnpm test:drill [--devices 50] [--minutes 10] [--seed S] [--driven]`: the restore drill against a server in a process
 * of its own, in real time: ten minutes of work take ten minutes. With `--driven` it is in this process, and takes as
 * long as the machine needs. The exit code is 1 when something did not come back, came twice, or the report is wrong.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { drill } from './drill.ts'
import { isSound, textOf } from './report.ts'

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '50' },
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    driven: { type: 'boolean', default: false },
  },
})
const plan = { devices: Number(values.devices), minutes: Number(values.minutes), seed: Number(values.seed) }
const cacheDir = mkdtempSync(join(tmpdir(), 'rejoin-drill-cache-'))
const outcome = await drill({ ...plan, cacheDir: values.driven ? null : cacheDir })
rmSync(cacheDir, { recursive: true, force: true })
process.stdout.write(textOf(plan, outcome))
process.exit(isSound(outcome) ? 0 : 1)

/** A server in a process of its own whose steps are counted, with people to speak to it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, ServerProcess } from '../server-process.ts'
import { setUpOffice } from '../staff.ts'
import type { Steps } from './counter.ts'

const COUNTER = join(import.meta.dirname, 'counter.ts')

export type CountedServer = Awaited<ReturnType<typeof startCountedServer>>

export async function startCountedServer() {
  const dataDir = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
  const [port, stepsPort] = [await freePort(), await freePort()]
  // Code that was compiled by another process would not be counted.
  const settings = { NODE_DISABLE_COMPILE_CACHE: '1', STEPS_PORT: String(stepsPort) }
  const nodeOptions = ['--import', COUNTER]
  const server = new ServerProcess({ dataDir, port, cacheDir: dataDir, nodeOptions, settings })
  await server.open()
  await server.says('Rejoin listens on')
  const office = await setUpOffice(server)

  /** The steps since it was last asked. */
  async function takeSteps(): Promise<Steps> {
    const answer = await fetch(`http://127.0.0.1:${stepsPort}`)
    if (!answer.ok) throw new Error(await answer.text())
    return (await answer.json()) as Steps
  }

  return {
    url: server.url,
    office,
    /** How many steps the server takes while `work` is done. */
    async stepsOf(work: () => Promise<unknown>): Promise<Steps> {
      await takeSteps()
      await work()
      return takeSteps()
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await server.kill()
      rmSync(dataDir, { recursive: true })
    },
  }
}

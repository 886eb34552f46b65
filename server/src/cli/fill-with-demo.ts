/** `rejoin demo`: people and tickets for whoever wants to look around before they begin. */
import { openApp } from '../app.ts'
import type { Config } from '../config.ts'
import { SYSTEM_ID } from '../core/ids.ts'
import { createLog } from '../core/log.ts'
import { fillDemo } from '../demo/fill.ts'

/** Throws `Refusal` where there are tickets already, and while a server runs on the data directory. */
export async function fillWithDemo(config: Config, { json = false }: { json?: boolean }): Promise<void> {
  const app = await openApp(config, { log: createLog(config.logLevel, process.stderr) })
  try {
    const { output } = await app.commits.commitOrThrow(fillDemo, {}, { actorId: SYSTEM_ID })
    const { password, people, tickets } = output
    const text = `${tickets} tickets of ${people.length} people: ${people.join(', ')}.\nTheir password: ${password}\n`
    process.stdout.write(json ? `${JSON.stringify({ ok: true, ...output })}\n` : text)
  } finally {
    await app.close()
  }
}

/** `rejoin demo`: people and tickets for a first look around. */
import type { Config } from '../operations/config/config.ts'
import { SYSTEM_ID } from '../core/ids.ts'
import { fillDemo } from '../operations/demo/fill.ts'
import { withApp } from './with-app.ts'
import { print } from '../core/runtime/terminal.ts'

/** Throws `Refusal` if there are tickets already, or a server runs on the data directory. */
export async function fillWithDemo(config: Config, { json = false }: { json?: boolean }): Promise<void> {
  const { output } = await withApp(config, ({ commits }) => commits.commitOrThrow(fillDemo, {}, { actorId: SYSTEM_ID }))
  const { password, people, tickets } = output
  const text = `${tickets} tickets by ${people.length} people: ${people.join(', ')}.\nTheir password: ${password}\n`
  print(json ? `${JSON.stringify({ ok: true, ...output })}\n` : text)
}

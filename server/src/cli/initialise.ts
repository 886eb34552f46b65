/** `rejoin init`: creates and tests the data directory before a server has to run on it. */
import { offerSetup, setupLink } from '../slices/accounts/setup.ts'
import { mustBeUsable } from '../operations/backup/usable.ts'
import type { Config } from '../operations/config/config.ts'
import { withApp } from './with-app.ts'
import { print } from '../core/runtime/terminal.ts'

/** Prints the setup link if there is no administrator yet. Throws `Refusal` if the directory cannot be used. */
export async function initialise(config: Config, { json = false }: { json?: boolean }): Promise<void> {
  await mustBeUsable(config)
  const token = await withApp(config, offerSetup, { mayMake: true })
  const setup = token === null ? null : setupLink(config.publicUrl, token)
  const report = { ok: true, dataDir: config.dataDir, setup }
  print(json ? `${JSON.stringify(report)}\n` : textOf(config, setup))
}

function textOf({ dataDir }: Config, setup: string | null): string {
  const made = `The data directory ${dataDir} is ready.\n`
  if (setup === null) return `${made}It already has an administrator: run "rejoin serve" and sign in.\n`
  return `${made}Run "rejoin serve" and open the setup link that it prints when it starts. That link replaces this one:\n\n  ${setup}\n\n`
}

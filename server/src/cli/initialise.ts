/** `rejoin init`: the data directory, made and tried before a server has to run on it. */
import { offerSetup, setupLink } from '../accounts/setup.ts'
import { openApp } from '../app.ts'
import type { Config } from '../config.ts'
import { createLog } from '../core/log.ts'

/** Prints the setup link where there is no administrator yet. Throws `Refusal` for a place that cannot be used. */
export async function initialise(config: Config, { json = false }: { json?: boolean }): Promise<void> {
  const app = await openApp(config, { log: createLog(config.logLevel, process.stderr) })
  try {
    const token = await offerSetup(app)
    const setup = token === null ? null : setupLink(config.publicUrl, token)
    process.stdout.write(
      json ? `${JSON.stringify({ ok: true, dataDir: config.dataDir, setup })}\n` : textOf(config, setup),
    )
  } finally {
    await app.close()
  }
}

function textOf({ dataDir }: Config, setup: string | null): string {
  const made = `The data directory ${dataDir} is ready.\n`
  if (setup === null) return `${made}It has an administrator already: run "rejoin serve", and sign in.\n`
  return `${made}Run "rejoin serve", and open its setup link, which it prints when it starts; until then it is\n\n  ${setup}\n\n`
}

/** The program without a server, for as long as a command of the operator takes. */
import { openApp, type App, type AppOptions } from '../app.ts'
import type { Config } from '../config.ts'
import { createLog } from '../core/log.ts'
import { standardError } from '../core/standard-output.ts'

/** Logs to standard error: standard output is the command's own. Throws `Refusal` while a server runs on the data. */
export async function withApp<Result>(
  config: Config,
  work: (app: App) => Promise<Result>,
  options: Pick<AppOptions, 'isCopy' | 'isKeyLost'> = {},
): Promise<Result> {
  const app = await openApp(config, { log: createLog(config.logLevel, standardError), ...options })
  try {
    return await work(app)
  } finally {
    await app.close()
  }
}

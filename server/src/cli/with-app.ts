/** The program without a server, for the duration of an operator's command. */
import { openApp, type App, type AppOptions } from '../app.ts'
import type { Config } from '../operations/config/config.ts'
import { existingDatabase } from '../core/storage/db.ts'
import { createLog } from '../core/runtime/log.ts'
import { standardError } from '../core/runtime/standard-output.ts'

interface WithApp extends Pick<AppOptions, 'isCopy' | 'isKeyLost'> {
  /** Whether to make the data directory if there is none. */
  readonly mayMake?: boolean
}

/**
 * Logs to standard error: standard output belongs to the command. Throws `Refusal` while a server runs on the data, and
 * if there is none: a mistyped folder is no new workspace.
 */
export async function withApp<Result>(
  config: Config,
  work: (app: App) => Result | Promise<Result>,
  { mayMake = false, ...options }: WithApp = {},
): Promise<Result> {
  if (!mayMake) existingDatabase(config.dataDir)
  const app = await openApp(config, { log: createLog(config.logLevel, standardError), ...options })
  try {
    return await work(app)
  } finally {
    await app.close()
  }
}

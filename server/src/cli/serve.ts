/** `rejoin serve`: runs the server until it is told to stop. */
import { offerSetup, setupLink } from '../slices/accounts/setup.ts'
import { openApp } from '../app.ts'
import { mustBeUsable } from '../operations/backup/usable.ts'
import { EXIT } from './exit-codes.ts'
import { openOperatorDoor } from './operator-door.ts'
import type { Config } from '../operations/config/config.ts'
import { endAtCrash } from '../core/runtime/crash.ts'
import { createLog, type Log } from '../core/runtime/log.ts'
import { listen } from '../http/server.ts'
import { readVersion } from '../operations/version.ts'
import { standardOutput } from '../core/runtime/standard-output.ts'
import { announce } from '../core/runtime/terminal.ts'
import { endsWithin } from '../core/runtime/timeout.ts'

/** For each of: commits under way, good-byes to sockets, requests under way, the last lines of the log. */
const GRACE_MS = 3000
const STOP_BOUND_MS = 20_000

/** Resolves when the server has stopped after SIGINT or SIGTERM. Throws `Refusal` when it cannot start. */
export async function serve(config: Config): Promise<void> {
  await mustBeUsable(config)
  const log = createLog(config.logLevel)
  const app = await openApp(config, { log })
  endAtCrash({ dataDir: config.dataDir, version: readVersion().version, log, now: app.now }, EXIT.crashed)
  // Before the server announces itself: a stop signal right after that is heard.
  const stopped = stopSignal()
  try {
    const listening = await listen(app)
    const closeDoor = await openOperatorDoor(app)
    app.jobs.start()
    const { url, urls } = listening
    app.log.info({ url, dataDir: config.dataDir }, 'listening')
    announce(`Rejoin listens on ${url}\n`)
    if (urls.length > 1) announce(`On other machines, open: ${urls.slice(1).join(', ')}\n`)
    if (config.mail === null) app.log.warn('REJOIN_SMTP_URL is not set: emails are not sent until it is')
    const token = await offerSetup(app)
    if (token !== null) announce(setupHelp(config.isPublicUrlSet ? [config.publicUrl] : urls, token))
    await stopped
    app.log.info('stopping')
    endAfter(STOP_BOUND_MS, app.log)
    await closeDoor()
    await listening.close(GRACE_MS)
  } finally {
    await app.close()
  }
  // Unread output would keep the process alive.
  if (!(await endsWithin(GRACE_MS, standardOutput.flushed()))) process.exit(EXIT.done)
}

/** Exits if shutdown hangs, so that a supervisor such as systemd can restart the server. */
function endAfter(ms: number, log: Log): void {
  const timer = setTimeout(() => {
    log.error({ ms }, 'shutdown took too long; exiting. Nothing acknowledged is lost')
    process.exit(EXIT.failed)
  }, ms)
  timer.unref()
}

function setupHelp(urls: readonly string[], token: string): string {
  const links = urls.map((url) => `  ${setupLink(url, token)}\n`).join('')
  const which = urls.length === 1 ? 'this link' : 'one of these links'
  return `
There is no administrator yet. To set up Rejoin, open ${which}, which works once:

${links}
Without a browser:

  curl ${urls[0]}/trpc/accounts.setUp -H 'content-type: application/json' \\
    -d '{"token":"${token}","name":"Ada","email":"ada@example.com","password":"at least ten characters"}'

`
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}

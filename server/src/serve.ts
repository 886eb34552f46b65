/** `rejoin serve`: runs the server until it is told to stop. */
import { offerSetup } from './accounts/setup.ts'
import { openApp } from './app.ts'
import type { Config } from './config.ts'
import { listen } from './http.ts'

/** Resolves when the server has stopped after SIGINT or SIGTERM. Throws `Refusal` when it cannot start. */
export async function serve(config: Config): Promise<void> {
  const app = await openApp(config)
  try {
    const listening = await listen(app)
    app.jobs.start()
    app.log.info({ url: listening.url, dataDir: config.dataDir }, 'listening')
    process.stdout.write(`Rejoin listens on ${listening.url}\n`)
    if (config.mail === null) app.log.warn('REJOIN_SMTP_URL is not set: mail waits until it is')
    const token = await offerSetup(app)
    if (token !== null) process.stdout.write(setupHelp(listening.url, token))
    await stopSignal()
    await listening.close()
  } finally {
    await app.close()
  }
}

function setupHelp(url: string, token: string): string {
  return `
There is no administrator yet. Make the first one with this one-time setup token:

  curl ${url}/trpc/accounts.setUp -H 'content-type: application/json' \\
    -d '{"token":"${token}","name":"Ada","email":"ada@example.com","password":"at least ten characters"}'

`
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}

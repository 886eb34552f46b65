/** The procedures of the API as some person, called in this process: to measure or record beneath the network. */
import { getActor } from '@rejoin/server/slices/accounts/queries.ts'
import type { App } from '@rejoin/server/app.ts'
import { Pace } from '@rejoin/server/core/runtime/pace.ts'
import { AnswerSize } from '@rejoin/server/core/api/answer-size.ts'
import { appRouter } from '@rejoin/server/router.ts'

export type Procedures = Awaited<ReturnType<typeof proceduresAs>>

export async function proceduresAs(app: App, personId: string) {
  const actor = getActor(app.read, personId)
  // Each call is a request of its own, with a limit of its own.
  return appRouter.createCaller(() => ({
    read: app.read,
    commits: app.commits,
    reports: app.reports,
    now: app.now,
    actor,
    source: { sessionId: null, address: null, userAgent: null },
    cookie: { isUsed: false, isOurs: false, set: () => undefined },
    answerSize: new AnswerSize(new Pace(1000)),
    commandId: undefined,
  }))
}

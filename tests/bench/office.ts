/** A server process on a fresh database with agents and their tickets, put there before it starts. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 } from 'uuid'
import { z } from 'zod'
import { createUser } from '@rejoin/server/slices/accounts/commands.ts'
import { startSession } from '@rejoin/server/slices/accounts/sessions.ts'
import { openApp, type App } from '@rejoin/server/app.ts'
import { command } from '@rejoin/server/core/command.ts'
import { SYSTEM_ID } from '@rejoin/server/core/ids.ts'
import { createDepartment } from '@rejoin/server/slices/departments/commands.ts'
import { TICKET_COMMANDS } from '@rejoin/server/slices/tickets/commands.ts'
import type { Role } from '@rejoin/shared/access/access.ts'
import { testConfig } from '../harness/config.ts'
import { freePort, ServerProcess } from '../harness/server-process.ts'

export interface Worker {
  readonly token: string
  readonly ticketIds: string[]
}

const as = { actorId: SYSTEM_ID }

/** Signs somebody in without the time that a password hash takes. */
const signIn = command({
  name: 'bench.sign-in',
  input: z.object({ userId: z.string() }),
  run: (context, { userId }) => startSession(context, userId),
})

/** `tickets` are spread evenly over `agents`. */
export async function startOffice({ agents, tickets }: { agents: number; tickets: number }) {
  const dataDir = mkdtempSync(join(tmpdir(), 'rejoin-bench-'))
  const port = await freePort()
  const app = await openApp(testConfig(dataDir, { logLevel: 'warn' }))
  const seeded = await seed(app, agents, tickets)
  await app.close()
  const nodeOptions = ['--expose-gc', ...(process.env['BENCH_NODE_OPTIONS']?.split(' ') ?? [])]
  const server = new ServerProcess({ dataDir, port, cacheDir: join(dataDir, 'compile-cache'), nodeOptions })
  await server.listen()
  return {
    ...seeded,
    url: server.url,
    server,
    async [Symbol.asyncDispose]() {
      await server.stop()
      rmSync(dataDir, { recursive: true })
    },
  }
}

async function seed(app: App, agents: number, tickets: number) {
  const { commits } = app
  const { output } = await commits.commitOrThrow(createDepartment, { name: 'Support' }, as)
  const { departmentId } = output

  async function person(name: string, role: Role): Promise<{ id: string; token: string }> {
    const user = { name, role, email: `${name}@example.com`, departments: role === 'agent' ? [departmentId] : [] }
    const made = await commits.commitOrThrow(createUser, user, as)
    const session = await commits.commitOrThrow(signIn, { userId: made.output.userId }, as)
    return { id: made.output.userId, token: session.output.token }
  }

  async function ticket(worker: { id: string }, index: number): Promise<string> {
    const ticketId = v7()
    const description = 'The printer on the second floor prints every page twice since Monday. '.repeat(3)
    const create = { ticketId, title: `Printer ${index}`, description, departmentId, requesterId: office.id }
    await commits.commitOrThrow(TICKET_COMMANDS['ticket.create'], create, { actorId: office.id })
    await commits.commitOrThrow(
      TICKET_COMMANDS['ticket.assign'],
      { ticketId, agentId: worker.id },
      { actorId: office.id },
    )
    return ticketId
  }

  const office = await person('office', 'admin')
  const people = await Promise.all(Array.from({ length: agents }, (_, index) => person(`agent${index}`, 'agent')))
  const workers: Worker[] = []
  for (const { id, token } of people) {
    const indexes = Array.from({ length: tickets / agents }, (_, index) => index)
    workers.push({ token, ticketIds: await Promise.all(indexes.map((index) => ticket({ id }, index))) })
  }
  return { workers, office }
}

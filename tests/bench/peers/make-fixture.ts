/** Makes a fixture: Rejoin makes the tickets, and its documents, byte for byte, are put into the peers' stores. */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { schema } from '@hocuspocus/extension-sqlite'
import Database from 'better-sqlite3'
import { v7 } from 'uuid'
import { LeveldbPersistence } from 'y-leveldb'
import { z } from 'zod'
import { createUser } from '@rejoin/server/slices/accounts/commands.ts'
import { startSession } from '@rejoin/server/slices/accounts/sessions.ts'
import { openApp, type App } from '@rejoin/server/app.ts'
import { command } from '@rejoin/server/core/command.ts'
import { findState } from '@rejoin/server/core/documents/state.ts'
import { SYSTEM_ID } from '@rejoin/server/core/ids.ts'
import { createDepartment } from '@rejoin/server/slices/departments/commands.ts'
import { TICKET_COMMANDS } from '@rejoin/server/slices/tickets/commands.ts'
import { testConfig } from '../../harness/config.ts'
import { folderOf, type Fixture, type Shape } from './fixture.ts'
import { inWaves } from './scenarios/stage.ts'
import { readStates, writeStates } from './states.ts'
import type { Person } from './systems/system.ts'

const COMMENTS = 3
const DESCRIPTION = 'The printer on the second floor prints every page twice since Monday. '.repeat(4).trim()
const BODY = 'Looked at it this morning: the second tray feeds two pages, the roller is worn.'
const AGENTS_AT_ONCE = 10
const as = { actorId: SYSTEM_ID }

/** Signs somebody in without the time that a password hash takes. */
const signIn = command({
  name: 'bench.sign-in',
  input: z.object({ userId: z.string() }),
  run: (context, { userId }) => startSession(context, userId),
})

/** Makes the fixture where it does not exist yet. */
export async function makeFixture(shape: Shape): Promise<void> {
  const folder = folderOf(shape)
  if (existsSync(folder)) return
  const draft = `${folder}.draft`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { recursive: true })
  const app = await openApp(testConfig(join(draft, 'rejoin'), { logLevel: 'warn' }))
  const fixture = await seed(app, shape)
  const ids = [...new Set(fixture.people.flatMap(({ ticketIds }) => ticketIds))]
  const states = ids.map((ticketId) => ({ ticketId, state: findState(app.read, ticketId) ?? new Uint8Array() }))
  await app.close()
  writeStates(draft, states)
  writeFileSync(join(draft, 'fixture.json'), JSON.stringify(fixture))
  await fillPeers(draft)
  renameSync(draft, folder)
}

async function fillPeers(folder: string): Promise<void> {
  const states = readStates(folder)
  const sqlite = new Database(join(folder, 'hocuspocus.sqlite'))
  sqlite.exec(schema)
  const insert = sqlite.prepare('insert into documents (name, data) values (?, ?)')
  sqlite.transaction(() => {
    for (const { ticketId, state } of states) insert.run(ticketId, state)
  })()
  sqlite.close()
  const level = new LeveldbPersistence(join(folder, 'level'))
  for (const { ticketId, state } of states) await level.storeUpdate(ticketId, state)
  await level.destroy()
}

async function seed(app: App, { people, tickets, shared }: Shape): Promise<Fixture> {
  const { commits } = app
  const { output } = await commits.commitOrThrow(createDepartment, { name: 'Support' }, as)
  const { departmentId } = output
  const office = await person('office', 'admin')

  async function person(name: string, role: 'admin' | 'agent'): Promise<{ id: string; token: string }> {
    const user = { name, role, email: `${name}@example.com`, departments: role === 'agent' ? [departmentId] : [] }
    const made = await commits.commitOrThrow(createUser, user, as)
    const session = await commits.commitOrThrow(signIn, { userId: made.output.userId }, as)
    return { id: made.output.userId, token: session.output.token }
  }

  async function ticket(index: number, agentId: string | null): Promise<string> {
    const ticketId = v7()
    const run = (name: keyof typeof TICKET_COMMANDS, input: object) =>
      commits.commitOrThrow(TICKET_COMMANDS[name], { ticketId, ...input }, { actorId: office.id })
    const title = `Printer ${index} on the second floor prints twice`
    await run('ticket.create', { title, description: DESCRIPTION, departmentId, requesterId: office.id })
    for (let made = 0; made < COMMENTS; made += 1) await run('comment.add', { commentId: v7(), body: BODY })
    if (agentId !== null) await run('ticket.assign', { agentId })
    return ticketId
  }

  const agents: { id: string; token: string }[] = []
  for (let index = 0; index < people; index += 1) agents.push(await person(`agent${index}`, 'agent'))
  const indexes = Array.from({ length: tickets }, (_, index) => index)
  const common = shared === true ? await Promise.all(indexes.map((index) => ticket(index, null))) : null
  const held: Person[] = []
  await inWaves(agents, AGENTS_AT_ONCE, async (some) => {
    const hold = async ({ id, token }: { id: string; token: string }): Promise<Person> => {
      return { token, ticketIds: common ?? (await Promise.all(indexes.map((index) => ticket(index, id)))) }
    }
    held.push(...(await Promise.all(some.map(hold))))
  })
  return { officeToken: office.token, people: held }
}

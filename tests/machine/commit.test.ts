/** The one write path: commands take effect once, are undone whole, stored together, and told only when on disk. */
import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { sql } from 'kysely'
import { createLog } from '@rejoin/server/core/runtime/log.ts'
import { documentTopic } from '@rejoin/server/core/hub.ts'
import { addComment, logWork } from '@rejoin/server/slices/tickets/commands/comments.ts'
import { createTicket } from '@rejoin/server/slices/tickets/commands/create.ts'
import { assignTicket } from '@rejoin/server/slices/tickets/commands/assign.ts'
import { resolveTicket, transitionTicket } from '@rejoin/server/slices/tickets/commands/status.ts'
import { editTicket } from '@rejoin/server/slices/tickets/commands/edit.ts'
import { createUser } from '@rejoin/server/slices/accounts/commands.ts'
import type { AnyCommand } from '@rejoin/server/core/command.ts'
import { dump, rowsOnDisk, transactionsInLog } from '../harness/database.ts'
import { asOfDevice, failLate } from '../harness/probes.ts'
import { startWorld, type World } from '../harness/world.ts'

/** Rows that a server writes by starting and stopping: its text client, and when sessions were used. */
const OF_A_START = ['textClient', 'session']

/** A ticket, its agent, and a way to commit as the agent. */
async function scene(world: World) {
  const ada = await world.person('ada', 'agent')
  const bob = await world.person('bob', 'agent')
  const { id: ticketId } = await world.ticket({ assignee: ada })
  const comment = (body: string) => ({ ticketId, commentId: v7(), body })
  const commit = (command: AnyCommand, input: unknown, id: string = v7(), actorId = ada.id) =>
    world.app.commits.commit(command, input, { actorId, id })
  const bring = (command: AnyCommand, input: unknown, id: string) =>
    world.app.commits.commit(command, input, { actorId: ada.id, id, origin: asOfDevice })
  const bodies = async () => {
    const rows = await world.app.read.selectFrom('comment').select('body').where('ticketId', '=', ticketId).execute()
    return rows.map(({ body }) => body)
  }
  return { ada, bob, ticketId, comment, commit, bring, bodies }
}

it('answers a repeated id with its first verdict and does nothing again, and refuses what else comes with it', async () => {
  await using world = await startWorld()
  const { comment, commit, bodies, ticketId } = await scene(world)
  const id = v7()
  const once = comment('Once')
  const first = await commit(addComment, once, id)
  const before = dump(world.dataDir, { without: OF_A_START })
  expect(await commit(addComment, once, id)).toEqual(first)
  const reused = { outcome: 'refused', code: 'key-reused' }
  expect(await commit(addComment, comment('Twice'), id)).toMatchObject(reused)
  expect(await commit(resolveTicket, { ticketId, resolution: 'Else' }, id)).toMatchObject(reused)
  expect(await commit(addComment, 'nonsense', id)).toMatchObject(reused)
  expect(await commit(addComment, once, id)).toEqual(first)
  await world.restart()
  expect(await world.app.commits.commit(addComment, comment('Later'), { id, actorId: world.app.epoch })).toMatchObject({
    code: 'id-taken',
  })
  expect(dump(world.dataDir, { without: OF_A_START })).toEqual(before)
  expect(await bodies()).toEqual(['Once'])
})

it('repeats the output of the first time', async () => {
  await using world = await startWorld()
  const { commit } = await scene(world)
  const id = v7()
  const ticketId = v7()
  const first = await commit(createTicket, { ticketId, title: 'One' }, id)
  expect(first.output).toEqual({ ticketId, number: 'TKT-0002' })
  expect(await commit(createTicket, { ticketId, title: 'One' }, id)).toEqual(first)
})

it('takes one effect of an id that comes twice at the same time', async () => {
  await using world = await startWorld()
  const { comment, commit, bodies } = await scene(world)
  const id = v7()
  const left = comment('Left')
  const verdicts = await Promise.all([left, left, comment('Right')].map((each) => commit(addComment, each, id)))
  expect(verdicts[0]).toEqual(verdicts[1])
  expect(verdicts[2]).toMatchObject({ outcome: 'refused', code: 'key-reused' })
  expect(await bodies()).toEqual(['Left'])
})

it('does not tell somebody what became of somebody else’s command', async () => {
  await using world = await startWorld()
  const { bob, comment, commit, bodies } = await scene(world)
  const id = v7()
  await commit(addComment, comment('Once'), id)
  const answer = await commit(addComment, comment('Mine'), id, bob.id)
  expect(answer).toMatchObject({ outcome: 'refused', code: 'id-taken' })
  expect(answer).not.toHaveProperty('output')
  expect(await bodies()).toEqual(['Once'])
})

const REFUSED: { what: string; command: AnyCommand; code: string; input(ticketId: string): object }[] = [
  { what: 'a bad input', command: editTicket, code: 'invalid', input: (ticketId) => ({ ticketId, set: {} }) },
  {
    what: 'no right',
    command: createUser,
    code: 'forbidden',
    input: () => ({ name: 'X', email: 'x@y.zz', role: 'admin' }),
  },
  { what: 'no ticket', command: resolveTicket, code: 'not-found', input: () => ({ ticketId: v7(), resolution: 'X' }) },
  {
    what: 'a department that is not there',
    command: createTicket,
    code: 'not-found',
    input: () => ({ ticketId: v7(), title: 'X', departmentId: v7() }),
  },
  {
    what: 'an id that is taken',
    command: createTicket,
    code: 'id-taken',
    input: (ticketId) => ({ ticketId, title: 'X' }),
  },
  {
    what: 'no right to assign',
    command: assignTicket,
    code: 'forbidden',
    input: (ticketId) => ({ ticketId, agentId: v7() }),
  },
  {
    what: 'no reason to wait',
    command: transitionTicket,
    code: 'invalid',
    input: (ticketId) => ({ ticketId, to: 'on_hold' }),
  },
  {
    what: 'a refusal after everything was written',
    command: failLate,
    code: 'conflict',
    input: (ticketId) => ({ ticketId, commentId: v7(), body: 'X', by: 'refusal' }),
  },
  {
    what: 'a bug after everything was written',
    command: failLate,
    code: 'internal',
    input: (ticketId) => ({ ticketId, commentId: v7(), body: 'X', by: 'bug' }),
  },
]

it.each(REFUSED)('leaves nothing but a receipt of a command refused for $what', async ({ command, code, input }) => {
  await using world = await startWorld()
  const { commit, ticketId, ada } = await scene(world)
  const before = dump(world.dataDir, { without: ['receipt'] })
  const id = v7()
  const verdict = await commit(command, input(ticketId), id)
  expect(verdict.code).toBe(code)
  expect(dump(world.dataDir, { without: ['receipt'] })).toEqual(before)
  const [receipt] = rowsOnDisk(world.dataDir, `select * from receipt where id = '${id}'`)
  expect(receipt).toMatchObject({ name: command.name, actorId: ada.id, outcome: verdict.outcome, code, output: null })
})

it('does not keep the edits of a failed command in memory', async () => {
  await using world = await startWorld()
  const { commit, comment, ticketId } = await scene(world)
  await commit(addComment, comment('Before'))
  for (const by of ['refusal', 'bug']) await commit(failLate, { ...comment('Not to be seen'), by })
  await commit(addComment, comment('After'))
  const { api } = await world.desk()
  const ticket = await api.tickets.get.query({ ticketId })
  expect(ticket).toMatchObject({ description: '', comments: [{ body: 'Before' }, { body: 'After' }] })
})

describe('a command with a bug', () => {
  it('is parked with its input and logged when a device brought it, and its neighbours go through', async () => {
    const lines: string[] = []
    const log = createLog('error', { write: (line) => void lines.push(line) })
    await using world = await startWorld({ log })
    const { commit, bring, comment, bodies } = await scene(world)
    const id = v7()
    const broken = { ...comment('Broken'), by: 'bug' }
    const verdicts = await Promise.all([
      commit(addComment, comment('Left')),
      bring(failLate, broken, id),
      commit(addComment, comment('Right')),
    ])
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(['applied', 'parked', 'applied'])
    expect(verdicts[1]).toMatchObject({ code: 'internal', message: 'The server failed on this command.' })
    expect(await bodies()).toEqual(['Left', 'Right'])
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      command: 'probe.fail-late',
      err: { message: 'a bug in a command' },
    })
    const [receipt] = rowsOnDisk(world.dataDir, `select input from receipt where id = '${id}'`)
    expect(JSON.parse(String(receipt?.['input']))).toEqual({ ...broken, visibility: 'public' })
  })

  it('is parked also when it came with what JSON cannot hold', async () => {
    await using world = await startWorld({ log: createLog('silent') })
    const { commit, bring, comment, bodies } = await scene(world)
    const id = v7()
    const odd = { ...comment('Odd'), by: 'bug', bytes: Uint8Array.of(1, 2, 3) }
    const [verdict] = await Promise.all([bring(failLate, odd, id), commit(addComment, comment('Fine'))])
    expect(verdict).toMatchObject({ outcome: 'parked', code: 'internal' })
    expect(await bodies()).toEqual(['Fine'])
    const [receipt] = rowsOnDisk(world.dataDir, `select input from receipt where id = '${id}'`)
    expect(JSON.parse(String(receipt?.['input']))).toMatchObject({ body: 'Odd', bytes: 'AQID' })
  })
})

it('puts many commands that come at once into few transactions', async () => {
  await using world = await startWorld()
  const { commit, ticketId } = await scene(world)
  const before = transactionsInLog(world.dataDir)
  await commit(logWork, { ticketId, workId: v7(), minutes: 1 })
  expect(transactionsInLog(world.dataDir) - before).toBe(1)
  const all = Array.from({ length: 150 }, () => commit(logWork, { ticketId, workId: v7(), minutes: 1 }))
  for (const { outcome } of await Promise.all(all)) expect(outcome).toBe('applied')
  expect(transactionsInLog(world.dataDir) - before).toBeLessThanOrEqual(4)
})

it('tells listeners and the author only what is on disk', async () => {
  await using world = await startWorld()
  const { commit, comment, ticketId } = await scene(world)
  const onDisk = () => rowsOnDisk(world.dataDir, 'select body from comment').map(({ body }) => body)
  const heard: unknown[] = []
  world.app.hub.subscribe([documentTopic(ticketId)], ({ changes }) => heard.push([changes.length, onDisk()]))
  await commit(addComment, comment('Heard'))
  expect(onDisk()).toEqual(['Heard'])
  expect(heard).toEqual([[1, ['Heard']]])
  await commit(failLate, { ...comment('Unheard'), by: 'refusal' })
  expect(heard).toHaveLength(1)
})

it('goes on when a listener fails, and tells the others', async () => {
  await using world = await startWorld({ log: createLog('silent') })
  const { commit, comment, ticketId, bodies } = await scene(world)
  let heard = 0
  const topics = [documentTopic(ticketId)]
  world.app.hub.subscribe(topics, () => {
    throw new TypeError('a bug in a listener')
  })
  world.app.hub.subscribe(topics, () => (heard += 1))
  await commit(addComment, comment('One'))
  await commit(addComment, comment('Two'))
  expect(heard).toBe(2)
  expect(await bodies()).toEqual(['One', 'Two'])
})

it('refuses what a full disk cannot take, leaves nothing of it, and works again when there is room', async () => {
  await using world = await startWorld({ log: createLog('silent') })
  const { commit, comment, bodies } = await scene(world)
  const limit = (pages: number) => sql`pragma max_page_count = ${sql.lit(pages)}`.execute(world.app.db.writer)
  const [size] = rowsOnDisk(world.dataDir, 'pragma page_count')
  await limit(Number(size?.['page_count']))
  const before = dump(world.dataDir)
  const large = comment('x'.repeat(20_000))
  const id = v7()
  const pair = await Promise.allSettled([commit(addComment, large, id), commit(addComment, comment('Small'))])
  for (const each of pair) expect(each).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
  expect(dump(world.dataDir)).toEqual(before)
  await limit(1_000_000)
  expect(await commit(addComment, large, id)).toMatchObject({ outcome: 'applied' })
  expect(await bodies()).toEqual([large.body])
})

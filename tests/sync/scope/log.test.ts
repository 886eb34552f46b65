/** The length of the log decides how changes in a scope are found, and does not alter which are found. */
import { expect, it } from 'vitest'
import { changedSince, scopeAt } from '@rejoin/server/doors/sync/scope.ts'
import { randomFrom } from '../../harness/random.ts'
import { startWorld } from '../../harness/world.ts'

it('finds the same changes in a short log, a long one, and one that is too long to be read', async () => {
  await using world = await startWorld()
  const random = randomFrom(1)
  const people = [await world.person('ada', 'agent'), await world.person('bob', 'agent', ['depot'])]
  const { api } = await world.desk()
  const tickets: string[] = []
  for (let step = 0; step < 40; step += 1) {
    const departmentId = await world.department(random.pick(['support', 'depot']))
    if (random.below(3) === 0) tickets.push((await world.ticket({ departmentId })).id)
    else if (tickets.length > 0)
      await api.tickets.edit.mutate({ ticketId: random.pick(tickets), set: { title: `${step}` } })
    if (step % 8 === 7) await api.tickets.move.mutate({ ticketId: random.pick(tickets), departmentId })
  }
  const { read } = world.app
  const head = Number((await read.selectFrom('revision').select('seq').orderBy('seq', 'desc').executeTakeFirst())?.seq)
  for (const { id } of people) {
    const scope = scopeAt(read, id, head)
    expect(changedSince(read, 0, scope)).not.toHaveLength(0)
    for (let cursor = 0; cursor <= head; cursor += 1) {
      // Nothing was committed behind the head: a scope of that time equals the present one.
      const [short, ...others] = [0, 120, 20_000].map((behind) =>
        changedSince(read, cursor, { ...scope, seq: head + behind }).toSorted(),
      )
      for (const other of others) expect(other, `since ${cursor}`).toEqual(short)
    }
  }
})

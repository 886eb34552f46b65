/** Who sees which ticket: through the API, on a device, and at the editor's door. */
import { expect, it } from 'vitest'
import type { Role } from '@rejoin/shared/access.ts'
import { RawEditor } from '../doors/editor.ts'
import type { Person } from '../harness/world.ts'
import { letterOf, setStage, ticketFor, type Stage } from './stage.ts'
import { RELATIONS, ROLES, SIGHT } from './table.ts'

type Sight = keyof typeof SIGHT
type Look = (person: Person, ticketId: string) => Promise<boolean>

const LOOKS: Readonly<Record<Sight, (stage: Stage) => Look>> = {
  get: () => async (person, ticketId) => isFound(person.api.tickets.get.query({ ticketId })),
  history: () => async (person, ticketId) => isFound(person.api.tickets.history.query({ ticketId })),
  authors: () => async (person, ticketId) => isFound(person.api.tickets.authors.query({ ticketId })),
  list: () => async (person, ticketId) => {
    const { tickets } = await person.api.tickets.list.query({ limit: 200 })
    return tickets.some(({ id }) => id === ticketId)
  },
  queue: () => async (person, ticketId) => {
    const tickets = await person.api.tickets.queue.query()
    return tickets.some(({ id }) => id === ticketId)
  },
  device:
    ({ world }) =>
    async (person, ticketId) => {
      const device = await world.device(person)
      const isHeld = device.held().includes(ticketId)
      await device.close()
      return isHeld
    },
  editor:
    ({ world }) =>
    async (person, ticketId) => {
      const editor = await RawEditor.open(world.url, ticketId, person.token)
      if (editor.closed === null) {
        expect(editor.value()).toMatchObject({ id: ticketId })
        await editor.close()
        return true
      }
      expect(editor.closed).toMatchObject({ code: 4403, reason: expect.stringMatching(/^not-found/) })
      expect(editor.value()).not.toHaveProperty('id')
      return false
    },
}

async function isFound(call: Promise<unknown>): Promise<boolean> {
  try {
    await call
    return true
  } catch (error) {
    expect((error as { data: { code: string } }).data.code).toBe('not-found')
    return false
  }
}

it.each(Object.keys(SIGHT) as Sight[])(
  'shows by %s what the table lets somebody see, and nothing else',
  async (way) => {
    const stage = await setStage()
    await using _world = stage.world
    const look = LOOKS[way](stage)
    const found: Partial<Record<Role, string>> = {}
    for (const role of ROLES) {
      const letters = SIGHT[way][role].split(' ')
      const row = RELATIONS.map(async (relation, column) => {
        if (letters[column] === '-') return '-'
        const ticketId = await ticketFor(stage, stage.people[role], relation)
        return letterOf(null, (await look(stage.people[role], ticketId)) ? null : 'not-found')
      })
      found[role] = (await Promise.all(row)).join(' ')
    }
    expect(found).toEqual(SIGHT[way])
  },
)

it('shows nobody anything who is not signed in', async () => {
  const stage = await setStage()
  await using world = stage.world
  const ticketId = await ticketFor(stage, stage.people.agent, 'assigned')
  for (const token of [undefined, 'not-a-token']) {
    const editor = await RawEditor.open(world.url, ticketId, token)
    expect(editor.closed).toMatchObject({ code: 4401 })
    expect(editor.value()).not.toHaveProperty('id')
  }
})

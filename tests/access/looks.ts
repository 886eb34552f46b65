/** The ways of seeing a ticket, and what of them somebody has by how they stand to it. */
import { expect } from 'vitest'
import { RawEditor } from '../doors/editor.ts'
import type { Person } from '../harness/world.ts'
import { letterOf, ticketFor, type Stage } from './stage.ts'
import { RELATIONS, type SIGHT } from './table.ts'

export type Sight = keyof typeof SIGHT
type Look = (person: Person, ticketId: string) => Promise<boolean>

const LOOKS: Readonly<Record<Sight, (stage: Stage) => Look>> = {
  get: () => async (person, ticketId) => isFound(person.api.tickets.get.query({ ticketId })),
  comments: () => async (person, ticketId) => isFound(person.api.tickets.comments.query({ ticketId })),
  work: () => async (person, ticketId) => isFound(person.api.tickets.work.query({ ticketId })),
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

/** The row of the table that `person` turns out to have; a `-` of the expected one stays. */
export async function rowSeen(stage: Stage, way: Sight, person: Person, expected: string): Promise<string> {
  const look = LOOKS[way](stage)
  const letters = expected.split(' ')
  const row = RELATIONS.map(async (relation, column) => {
    if (letters[column] === '-') return '-'
    const ticketId = await ticketFor(stage, person, relation)
    return letterOf(null, (await look(person, ticketId)) ? null : 'not-found')
  })
  return (await Promise.all(row)).join(' ')
}

/** Events are declared once, by the slice that records them: nothing else is recorded, and nothing else is declared. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import type { CommandContext } from '@rejoin/server/core/command.ts'
import { EVENTS, FACTS, oddEvents } from '../harness/events.ts'
import { startWorld } from '../harness/world.ts'

const SERVER = resolve(import.meta.dirname, '../../server/src')

/** The program without its declarations. */
const SOURCE = readdirSync(SERVER, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('events.ts'))
  .map((name) => readFileSync(join(SERVER, name), 'utf8'))
  .join('\n')

it('finds the declarations of every slice', () => {
  expect(EVENTS.size).toBeGreaterThan(50)
  expect(FACTS.size).toBeGreaterThan(20)
})

it.each([...new Set([...EVENTS.keys(), ...FACTS.keys()])])(
  'records %s somewhere, and does not only declare it',
  (type) => {
    // Of an attempt that failed, its guard says which.
    const name = type.endsWith('-failed') ? `kind: '${type.replace(/-failed$/, '')}'` : `'${type}'`
    const names = SOURCE.matchAll(new RegExp(`(.{0,20})${name}`, 'g'))
    // A reaction compares the type; a reader names the declaration.
    const recorded = [...names].filter(([, before = '']) => !/([=!]== |case |Events\[|lit<EventType>\()$/.test(before))
    expect(recorded.length, `${type} is declared, but no command records it: remove it, or record it`).toBeGreaterThan(
      0,
    )
  },
)

it('refuses an event that no slice declares, about another thing, or with another payload, when it is compiled', () => {
  const misuses = [
    // @ts-expect-error No slice declares it.
    ({ event }: CommandContext) => event({ subject: 'ticket', subjectId: '1', type: 'ticket-burnt' }),
    // @ts-expect-error It is about a ticket.
    ({ event }: CommandContext) => event({ subject: 'user', subjectId: '1', type: 'tag-added', payload: { tag: 'a' } }),
    // @ts-expect-error It says which tag.
    ({ event }: CommandContext) => event({ subject: 'ticket', subjectId: '1', type: 'tag-added' }),
    ({ event }: CommandContext) =>
      // @ts-expect-error A tag is text.
      event({ subject: 'ticket', subjectId: '1', type: 'tag-added', payload: { tag: 1 } }),
  ]
  expect(misuses).toHaveLength(4)
})

it('finds each event in the log that its declaration does not fit', async () => {
  await using world = await startWorld()
  await world.ticket({ title: 'Printer' })
  const { writer, reader } = world.app.db
  const { id, ...kept } = await reader
    .selectFrom('event')
    .select(['id', 'type', 'subject', 'payload'])
    .where('type', '=', 'ticket-created')
    .executeTakeFirstOrThrow()
  const write = (row: typeof kept) => writer.updateTable('event').set(row).where('id', '=', id).execute()
  const odd = async (change: Partial<typeof kept>) => {
    await write({ ...kept, ...change })
    const sentences = await oddEvents(reader)
    await write(kept)
    return sentences
  }
  expect(await odd({})).toEqual([])
  expect(await odd({ type: 'ticket-burnt' })).toEqual([expect.stringContaining('is declared by no slice')])
  expect(await odd({ subject: 'user' })).toEqual([expect.stringContaining('is about a user')])
  expect(await odd({ payload: '{}' })).toEqual([expect.stringContaining('does not read by its declaration')])
  const more = JSON.stringify({ ...(JSON.parse(kept.payload) as object), colour: 'red' })
  expect(await odd({ payload: more })).toEqual([expect.stringContaining('says more than its declaration names')])
})

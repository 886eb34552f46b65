/** A refusal names all fields that are wrong, at once, and stays a sentence. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { callApi } from '../access/doors.ts'
import { startWorld, type World } from '../harness/world.ts'

async function messageOf({ url }: World, token: string, input: object): Promise<string> {
  const response = await fetch(`${url}/trpc/tickets.create`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(input),
  })
  const { error } = (await response.json()) as { error: { message: string } }
  return error.message
}

it('names every field that is wrong, and those that the command does not have', async () => {
  await using world = await startWorld()
  const { token } = await world.desk()
  const input = { ticketId: v7(), title: '', priority: 'soon', colour: 'red', size: 3 }
  const message = await messageOf(world, token, input)
  for (const field of ['title:', 'priority:', 'colour: unknown field', 'size: unknown field']) {
    expect(message).toContain(field)
  }
})

it('does not repeat a long input', async () => {
  await using world = await startWorld()
  const { token } = await world.desk()
  const names = Array.from({ length: 500 }, (_, index) => `${index}`.padEnd(300, 'x'))
  const junk = Object.fromEntries(names.map((name) => [name, 1]))
  const message = await messageOf(world, token, { ticketId: v7(), title: 'A', ...junk })
  expect(message.length).toBeLessThanOrEqual(1001)
  expect(await callApi(world.url, token, 'tickets.create', { ticketId: v7(), title: 'A', ...junk })).toBe('invalid')
})

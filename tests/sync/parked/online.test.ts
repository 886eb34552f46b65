/** Only a device's command may wait for a person: a caller who is online is there to be refused. */
import { expect, it } from 'vitest'
import { v7 } from 'uuid'
import { rowsOnDisk } from '../../harness/database.ts'
import { startWorld, type Person, type World } from '../../harness/world.ts'

interface Answer {
  readonly error?: { readonly message: string; readonly data: { readonly code: string; readonly hint?: string } }
}

/** Sends a command at a desk under an id of its own. */
async function sendAt({ url }: World, { token }: Person, path: string, input: object) {
  const id = v7()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': id }
  const response = await fetch(`${url}/trpc/${path}`, { method: 'POST', headers, body: JSON.stringify(input) })
  return { id, ...((await response.json()) as Answer) }
}

/** How each of these commands ended, as its receipt says. */
function outcomes({ dataDir }: World, ids: readonly string[]): unknown[] {
  const rows = rowsOnDisk(dataDir, 'select id, outcome, input from receipt')
  return ids.map((id) => rows.find((row) => row['id'] === id)).map((row) => [row?.['outcome'], row?.['input']])
}

it('refuses a decision about parked work that the rules do not allow, and keeps the work for another', async () => {
  await using world = await startWorld()
  const sue = await world.person('sue', 'supervisor')
  const [ada] = await world.agents('ada')
  const { id: ticketId } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  const { commandId } = await ada.tickets.transition({ ticketId, to: 'on_hold', reason: 'No parts' })
  await sue.api.tickets.cancel.mutate({ ticketId })
  await ada.rejoin()
  const approved = await sendAt(world, sue, 'parked.approve', { commandId })
  expect(approved.error).toMatchObject({ message: expect.stringMatching(/cancelled/), data: { code: 'no-path' } })
  expect(outcomes(world, [approved.id])).toEqual([['refused', null]])
  expect(await sue.api.parked.list.query()).toMatchObject([{ id: commandId }])

  const rejected = await sendAt(world, sue, 'parked.reject', { commandId, reason: 'It was cancelled.' })
  const late = await sendAt(world, sue, 'parked.approve', { commandId })
  expect(late.error).toMatchObject({ message: 'This work was refused by sue.', data: { code: 'conflict' } })
  expect(outcomes(world, [rejected.id, late.id])).toEqual([
    ['applied', null],
    ['refused', null],
  ])
})

it('refuses a move that the ticket does not allow, which is nobody’s to review', async () => {
  await using world = await startWorld()
  const sue = await world.person('sue', 'supervisor')
  const { id: ticketId } = await world.ticket()
  await sue.api.tickets.cancel.mutate({ ticketId })
  const moved = await sendAt(world, sue, 'tickets.transition', { ticketId, to: 'in_progress' })
  expect(moved.error).toMatchObject({ data: { code: 'no-path' } })
  expect(outcomes(world, [moved.id])).toEqual([['refused', null]])
  expect(await sue.api.parked.list.query()).toEqual([])
})

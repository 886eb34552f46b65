/** Characters that nobody sees in tags and titles: taken out at every door, and no obstacle where an earlier version kept them. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { command } from '@rejoin/server/core/command.ts'
import { SYSTEM_ID } from '@rejoin/server/core/ids.ts'
import { updateTicket } from '@rejoin/server/slices/tickets/rows.ts'
import { Editor } from '../harness/editor.ts'
import { startWorld, type World } from '../harness/world.ts'

const EARLIER = 'to\u200Bner'

/** As a version before the rule has stored it. */
const tagAsBefore = command({
  name: 'harness.tag-as-before',
  input: z.object({ ticketId: z.string() }),
  async run(context, { ticketId }) {
    const row = { ticketId, tag: EARLIER, addedSeq: context.seq, addedBy: null }
    await context.tx.insertInto('ticketTag').values(row).execute()
    updateTicket(context, ticketId, {})
  },
})

async function tagged(world: World): Promise<string> {
  const { id: ticketId } = await world.ticket()
  await world.app.commits.commitOrThrow(tagAsBefore, { ticketId }, { actorId: SYSTEM_ID })
  return ticketId
}

it('takes them out by the API and on a device, which shows the tag as the server keeps it', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const { api } = await world.desk()
  const ticketId = v7()
  const departmentId = await world.department('support')
  await api.tickets.create.mutate({
    ticketId,
    departmentId,
    title: 'Printer\u202E\u0000jams',
    tags: ['a\u200Bb', 'ab'],
  })
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.tag({ ticketId, tag: '\u2066Fuser\u2069' })
  const predicted = ada.view(ticketId)
  await ada.rejoin()
  expect(await api.tickets.get.query({ ticketId })).toMatchObject({ title: 'Printer jams', tags: ['ab', 'fuser'] })
  expect(predicted?.tags).toEqual(['ab', 'fuser'])
})

it('removes a tag that has them from before, by the API and on a device', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const { api } = await world.desk()
  const [byApi, byDevice] = [await tagged(world), await tagged(world)]
  expect((await api.tickets.get.query({ ticketId: byApi })).tags).toEqual([EARLIER])
  expect((await api.tickets.untag.mutate({ ticketId: byApi, tag: EARLIER })).outcome).toBe('applied')
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.untag({ ticketId: byDevice, tag: EARLIER })
  expect(ada.view(byDevice)?.tags).toEqual([])
  await ada.rejoin()
  for (const ticketId of [byApi, byDevice]) expect((await api.tickets.get.query({ ticketId })).tags).toEqual([])
})

it('keeps such a tag when an editor writes another one beside it', async () => {
  await using world = await startWorld()
  const ticketId = await tagged(world)
  using editor = await Editor.open(world, await world.desk(), ticketId)
  editor.fields.set('tags', [EARLIER, 'paper'])
  await editor.until(() => String(editor.value['tags']) === `paper,${EARLIER}`)
  const { api } = await world.desk()
  expect((await api.tickets.get.query({ ticketId })).tags).toEqual(['paper', EARLIER])
})

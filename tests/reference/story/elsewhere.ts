/** What has no place in the story: an empty workspace that takes the demo, and one that came back from a backup. */
import { startWorld, type World } from '../../harness/world.ts'
import type { Recorder } from '../recorder.ts'

export async function demo(recorder: Recorder): Promise<void> {
  await using world = await startWorld()
  await (await office(world, recorder)).demo.fill.mutate({})
}

export async function restore(recorder: Recorder): Promise<void> {
  await using world = await startWorld()
  const ada = await world.device(await world.person('ada', 'agent'))
  const { id: ticketId } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  const backup = await world.backup()
  await ada.rejoin()
  await ada.tickets.comment({ ticketId, body: 'On my way' })
  await ada.settled()
  await world.restore(backup)
  await ada.rejoin()
  // The server notes that a device has finished after the device has heard it.
  while (await isAwaited(world)) await new Promise((resolve) => setImmediate(resolve))
  await (await office(world, recorder)).sync.recoveries.query()
}

async function isAwaited({ app }: World): Promise<boolean> {
  const rows = await app.read.selectFrom('recovery').select('finishedAt').execute()
  return rows.some(({ finishedAt }) => finishedAt === null)
}

async function office(world: World, recorder: Recorder) {
  return recorder.api(world, (await world.desk()).token)
}

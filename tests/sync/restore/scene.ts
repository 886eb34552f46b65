/** Ada, Bob and their tickets, as a backup finds them. */
import { type Field, type Person, type World } from '../../harness/world.ts'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR

/** Ada and Bob, and a ticket of each, before the backup. */
export async function setScene(world: World) {
  const desk = await world.desk()
  const [ada, bob] = await world.agents('ada', 'bob')
  const mine = await world.ticket({ assignee: ada.person })
  const his = await world.ticket({ assignee: bob.person })
  const shared = await world.ticket()
  await world.converge()
  return { desk, ada, bob, mine, his, shared }
}

export function bodiesOf(view: { comments: readonly { body: string }[] }): string[] {
  return view.comments.map(({ body }) => body)
}

export function ticketOf({ api }: Person, ticketId: string) {
  return api.tickets.get.query({ ticketId })
}

export async function type(device: Field, ticketId: string, text: string): Promise<void> {
  const target = device.text(ticketId, 'description')
  target.insert(target.length, text)
  await device.settled()
}

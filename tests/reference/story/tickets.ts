/** The life of tickets, from the requester’s words to the end of the work. */
import * as Y from 'yjs'
import { bytesAsBase64 } from '@rejoin/shared/sync/encoding.ts'
import type { Person } from '../../harness/world.ts'
import type { Scene } from './scene.ts'

export interface Crew {
  readonly ada: Person
  readonly bob: Person
  readonly sue: Person
  readonly rita: Person
}

const idOf = (last: number) => `0197f3a0-0000-7000-8000-${String(last).padStart(12, '0')}`

export async function work({ depot, support }: Scene, crew: Crew): Promise<void> {
  const { ada, sue, rita } = crew
  const ticketId = idOf(1)
  await rita.api.tickets.create.mutate({
    ticketId,
    title: 'The printer jams',
    description: 'It eats every second page.',
    priority: 'high',
    tags: ['printer'],
    departmentId: support,
  })
  await ada.api.tickets.queue.query()
  await ada.api.tickets.claim.mutate({ ticketId })
  await ada.api.tickets.transition.mutate({ ticketId, to: 'in_progress' })
  await ada.api.tickets.comment.mutate({ ticketId, commentId: idOf(2), body: 'I am on my way.', visibility: 'public' })
  await ada.api.tickets.edit.mutate({ ticketId, set: { site: 'Pier 3', custom: { floor: 2 } } })
  await ada.api.tickets.writeText.mutate({ ticketId, update: typed('The fuser is worn.') })
  await ada.api.tickets.logWork.mutate({ ticketId, workId: idOf(3), minutes: 25, note: 'New fuser' })
  await ada.api.tickets.tag.mutate({ ticketId, tag: 'fuser' })
  await ada.api.tickets.untag.mutate({ ticketId, tag: 'printer' })
  await sue.api.tickets.watch.mutate({ ticketId })
  await sue.api.tickets.get.query({ ticketId })
  await sue.api.tickets.comments.query({ ticketId })
  await sue.api.tickets.work.query({ ticketId })
  await sue.api.tickets.history.query({ ticketId, limit: 2 })
  await sue.api.tickets.authors.query({ ticketId })
  await sue.api.tickets.unwatch.mutate({ ticketId })
  await ada.api.tickets.resolve.mutate({ ticketId, resolution: 'The fuser is new.' })
  await rita.api.tickets.reopen.mutate({ ticketId, reason: 'It jams again.' })
  await ada.api.tickets.resolve.mutate({ ticketId, resolution: 'The tray is new, too.' })
  await rita.api.tickets.close.mutate({ ticketId })
  await handOn(crew, { depot, ticketId: idOf(4) })
}

async function handOn({ bob, sue, rita }: Crew, { depot, ticketId }: { depot: string; ticketId: string }) {
  await rita.api.tickets.create.mutate({ ticketId, title: 'A chair for the office' })
  await sue.api.tickets.assign.mutate({ ticketId, agentId: bob.id })
  await sue.api.tickets.unassign.mutate({ ticketId })
  await sue.api.tickets.list.query({ open: true, sort: 'priority' })
  await sue.api.tickets.move.mutate({ ticketId, departmentId: depot })
  await rita.api.tickets.cancel.mutate({ ticketId, reason: 'I found one.' })
}

/** What an editor sends for words typed into the internal notes. */
function typed(text: string): string {
  const document = new Y.Doc()
  document.clientID = 1
  document.getText('notes').insert(0, text)
  return JSON.parse(JSON.stringify(Y.encodeStateAsUpdate(document), bytesAsBase64)) as string
}

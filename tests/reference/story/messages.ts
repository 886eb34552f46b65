/** What people are told, in the API and by mail, and what the audit log keeps. */
import type { Scene } from './scene.ts'
import type { Crew } from './tickets.ts'

export async function notifications({ ada }: Crew): Promise<void> {
  const [newest] = await ada.api.notifications.list.query({ unread: true })
  await ada.api.notifications.markRead.mutate({ notificationIds: [newest?.id ?? ''] })
}

export async function mail({ olga, office }: Scene): Promise<void> {
  const { post } = office
  post.refuse('recipient', 550, 'No such person')
  await olga.mail.sendTest.mutate({})
  await olga.accounts.createUser.mutate({ name: 'Kim', email: 'kim@example.com', role: 'requester' })
  await olga.mail.waiting.query()
  await office.deliver()
  const [first, second] = await olga.mail.failed.query()
  await olga.mail.discard.mutate({ mailIds: [first?.id ?? ''] })
  post.relent()
  await olga.mail.retry.mutate({ mailIds: [second?.id ?? ''] })
}

export async function audit({ olga }: Scene): Promise<void> {
  await olga.audit.list.query({ subject: 'department', limit: 2 })
}

/** The worst calls of the API, by the command in which there is a list of something. */
import { v7 } from 'uuid'
import type { Api } from '@rejoin/client-sdk/api.ts'
import { times, type Worst } from './stage.ts'

/** A call that may be refused: that has to cost no more either. */
function calls(n: number, call: (api: Api, n: number) => Promise<unknown>): Worst {
  return {
    n,
    prepare: async ({ server }, size) => {
      const { api } = server.office
      return async () => call(api, size).catch(String)
    },
  }
}

const WEEK = { mon: [['09:00', '17:00']] as [string, string][] }

const calendar = (n: number) => ({
  zone: 'Europe/Berlin',
  weekly: WEEK,
  closures: times(n, (day) => ({ date: new Date(day * 86_400_000 + Date.UTC(2026, 0, 1)).toISOString().slice(0, 10) })),
})

const policy = (n: number, calendarId: string) => ({
  name: `Policy ${v7()}`,
  calendarId,
  targets: { resolution: { high: 60 } },
  rules: times(n, (rule) => ({
    tags: times(20, (tag) => `tag${tag}`),
    custom: Object.fromEntries(times(10, (field) => [`field${field}`, [rule]])),
  })),
})

const people = (n: number) =>
  ['name,email,role', ...times(n, (person) => `Person ${person},${v7()}@example.com,requester`)].join('\n')

export const API: Readonly<Record<string, Worst>> = {
  'user.create': calls(12, (api, n) =>
    api.accounts.createUser.mutate({
      name: 'ada',
      email: `${v7()}@example.com`,
      role: 'agent',
      departments: times(n, () => v7()),
    }),
  ),
  'user.import': calls(100, (api, n) => api.accounts.importPeople.mutate({ csv: people(n) })),
  'invitation.create': calls(12, (api, n) =>
    api.invitations.create.mutate({
      email: `${v7()}@example.com`,
      role: 'agent',
      departments: times(n, () => v7()),
    }),
  ),
  'registration.set-policy': calls(12, (api, n) =>
    api.accounts.setRegistration.mutate({ policy: 'domain', domains: times(n, (each) => `d${each}.example.com`) }),
  ),
  'mail.discard': calls(25, (api, n) => api.mail.discard.mutate({ mailIds: times(n, () => v7()) })),
  'mail.retry': calls(25, (api, n) => api.mail.retry.mutate({ mailIds: times(n, () => v7()) })),
  'notification.mark-read': calls(50, (api, n) =>
    api.notifications.markRead.mutate({ notificationIds: times(n, () => v7()) }),
  ),
  'sla.create-calendar': calls(400, (api, n) =>
    api.sla.calendars.create.mutate({ name: `Calendar ${v7()}`, value: calendar(n) }),
  ),
  'sla.create-policy': calls(40, async (api, n) => {
    const [first] = await api.sla.calendars.list.query()
    return api.sla.policies.create.mutate({ value: policy(n, first?.id ?? ''), applyTo: 'new' })
  }),
  'sla.order-policies': calls(50, (api, n) => api.sla.policies.order.mutate({ policyIds: times(n, () => v7()) })),
}

/** Why the other commands with lists have no row. */
export const LIKE: Readonly<Record<string, string>> = {
  'api-token.create': 'as many scopes as there are, at most',
  'role.create': 'as many cells as the table has, at most',
  'role.edit': 'as many cells as the table has, at most',
  'user.set-departments': 'as user.create',
  'sla.edit-calendar': 'as sla.create-calendar',
  'sla.edit-policy': 'as sla.create-policy',
  'sla.mend': 'sent by nobody but the server',
  'sla.import-holidays':
    'as sla.create-calendar; its file is read in a thread of its own, which ends after two seconds',
  'server.start': 'sent by nobody but the server',
  'clock.note-ahead': 'sent by nobody but the server',
  'clock.correct': 'sent by nobody but the server',
  'document.merge': 'what an editor’s update does',
  'ticket.create': 'as by a device',
  'ticket.edit': 'as by a device',
  'text.write': 'as by a device',
}

/** The people and tickets of a demo. None of them is real: their addresses are at a domain that can have none. */
import type { Role } from '@rejoin/shared/access/access.ts'
import type { InputOf } from '@rejoin/shared/commands.ts'

export interface DemoPerson {
  readonly name: string
  readonly role: Role
  readonly departments: readonly string[]
}

export const DEPARTMENTS = ['Field Service', 'IT Support'] as const

export const PEOPLE = {
  sue: { name: 'Sue Park', role: 'supervisor', departments: ['Field Service', 'IT Support'] },
  ada: { name: 'Ada Okafor', role: 'agent', departments: ['Field Service'] },
  bob: { name: 'Bob Lindqvist', role: 'agent', departments: ['IT Support'] },
  ned: { name: 'Ned Fischer', role: 'requester', departments: [] },
  ria: { name: 'Ria Costa', role: 'requester', departments: [] },
} as const satisfies Record<string, DemoPerson>

export type Who = keyof typeof PEOPLE

/** An action on the ticket, and how long ago it happened. */
export type Action =
  | { readonly hoursAgo: number; readonly by: Who; readonly comment: string }
  | { readonly hoursAgo: number; readonly by: Who; readonly assign: Who }
  | { readonly hoursAgo: number; readonly by: Who; readonly waits: string }
  | { readonly hoursAgo: number; readonly by: Who; readonly resolve: string }

export interface DemoTicket extends Pick<
  InputOf<'ticket.create'>,
  'title' | 'priority' | 'tags' | 'site' | 'description'
> {
  readonly hoursAgo: number
  readonly by: Who
  readonly department: (typeof DEPARTMENTS)[number]
  readonly actions: readonly Action[]
}

export const TICKETS: readonly DemoTicket[] = [
  {
    title: 'Printer on floor 3 jams on every second page',
    description: 'It has done so since the toner was changed on Monday.',
    priority: 'high',
    tags: ['printer'],
    site: 'Harbour Street, floor 3',
    hoursAgo: 30,
    by: 'ned',
    department: 'Field Service',
    actions: [
      { hoursAgo: 29, by: 'sue', assign: 'ada' },
      { hoursAgo: 27, by: 'ada', comment: 'The fuser is worn. I bring one tomorrow.' },
      { hoursAgo: 2, by: 'ada', resolve: 'New fuser fitted; 200 pages without a jam.' },
    ],
  },
  {
    title: 'No network in the cold store',
    description: 'The scanners there find no access point since the repairs.',
    priority: 'urgent',
    tags: ['network', 'scanner'],
    site: 'Warehouse 2',
    hoursAgo: 3,
    by: 'ria',
    department: 'Field Service',
    actions: [
      { hoursAgo: 2.5, by: 'sue', assign: 'ada' },
      { hoursAgo: 2, by: 'ada', comment: 'On my way.' },
    ],
  },
  {
    title: 'A licence for the drawing program',
    priority: 'low',
    tags: ['software'],
    hoursAgo: 50,
    by: 'ria',
    department: 'IT Support',
    actions: [
      { hoursAgo: 49, by: 'sue', assign: 'bob' },
      { hoursAgo: 48, by: 'bob', waits: 'The purchase is with the vendor.' },
    ],
  },
  {
    title: 'Laptop does not wake up',
    priority: 'medium',
    tags: ['laptop'],
    hoursAgo: 1,
    by: 'ned',
    department: 'IT Support',
    actions: [],
  },
  {
    title: 'Badge reader at the side door',
    priority: 'medium',
    tags: [],
    hoursAgo: 0.5,
    by: 'ria',
    department: 'Field Service',
    actions: [],
  },
]

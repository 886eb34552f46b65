/**
 * Who may do what, written out by hand from the roles of the product; the program's own table is not asked. A cell says
 * what somebody of that role is answered who stands to the ticket as the column says:
 * `y` allowed · `f` forbidden · `n` not found, because they may not even see it · `-` cannot be.
 */
import type { Role } from '@rejoin/shared/access.ts'

export const RELATIONS = ['none', 'own', 'assigned', 'watched', 'queue', 'department'] as const
export type Relation = (typeof RELATIONS)[number]

export const ROLES = ['requester', 'agent', 'supervisor', 'admin'] as const satisfies readonly Role[]

type Table = Readonly<Record<string, Readonly<Record<Role, string>>>>

export const CHANGES = {
  //                             none own assigned watched queue department
  'ticket.edit': { requester: 'n f - n n n', agent: 'n f y f y n', supervisor: 'n f y f y y', admin: 'y y y y y y' },
  'text.write': { requester: 'n f - n n n', agent: 'n f y f y n', supervisor: 'n f y f y y', admin: 'y y y y y y' },
  'ticket.tag': { requester: 'n f - n n n', agent: 'n f y f y n', supervisor: 'n f y f y y', admin: 'y y y y y y' },
  'ticket.untag': { requester: 'n f - n n n', agent: 'n f y f y n', supervisor: 'n f y f y y', admin: 'y y y y y y' },
  'ticket.claim': { requester: 'n f - n n n', agent: 'n f y f y n', supervisor: 'n f y f y y', admin: 'y y y y y y' },
  'ticket.assign': { requester: 'n f - n n n', agent: 'n f f f f n', supervisor: 'n f f f y y', admin: 'y y y y y y' },
  'ticket.unassign': {
    requester: 'n f - n n n',
    agent: 'n f y f f n',
    supervisor: 'n f y f y y',
    admin: 'y y y y y y',
  },
  'ticket.move': { requester: 'n f - n n n', agent: 'n f y f f n', supervisor: 'n f y f y y', admin: 'y y y y y y' },
  'ticket.transition': {
    requester: 'n f - n n n',
    agent: 'n f y f f n',
    supervisor: 'n f y f y y',
    admin: 'y y y y y y',
  },
  'ticket.resolve': { requester: 'n f - n n n', agent: 'n f y f f n', supervisor: 'n f y f y y', admin: 'y y y y y y' },
  'ticket.reopen': { requester: 'n y - n n n', agent: 'n y y f f n', supervisor: 'n y y f y y', admin: 'y y y y y y' },
  'ticket.close': { requester: 'n y - n n n', agent: 'n y y f f n', supervisor: 'n y y f y y', admin: 'y y y y y y' },
  'ticket.cancel': { requester: 'n y - n n n', agent: 'n y y f f n', supervisor: 'n y y f y y', admin: 'y y y y y y' },
  'ticket.watch': { requester: 'n y - n n n', agent: 'n y y y y n', supervisor: 'n y y y y y', admin: 'y y y y y y' },
  'ticket.unwatch': { requester: 'n y - n n n', agent: 'n y y y y n', supervisor: 'n y y y y y', admin: 'y y y y y y' },
  'watch for others': {
    requester: 'n f - n n n',
    agent: 'n f f f f n',
    supervisor: 'n f f f y y',
    admin: 'y y y y y y',
  },
  'public comment': { requester: 'n y - n n n', agent: 'n y y y y n', supervisor: 'n y y y y y', admin: 'y y y y y y' },
  'internal comment': {
    requester: 'n f - n n n',
    agent: 'n f y y y n',
    supervisor: 'n f y y y y',
    admin: 'y y y y y y',
  },
  'work.log': { requester: 'n f - n n n', agent: 'n f y f y n', supervisor: 'n f y f y y', admin: 'y y y y y y' },
} as const satisfies Table

/** Seeing: what the API answers, what a device carries (`y` or `n`), and whom the editor's door lets in. */
export const SIGHT = {
  //                none own assigned watched queue department
  get: { requester: 'n y - n n n', agent: 'n y y y y n', supervisor: 'n y y y y y', admin: 'y y y y y y' },
  history: { requester: 'n y - n n n', agent: 'n y y y y n', supervisor: 'n y y y y y', admin: 'y y y y y y' },
  authors: { requester: 'n y - n n n', agent: 'n y y y y n', supervisor: 'n y y y y y', admin: 'y y y y y y' },
  list: { requester: 'n y - n n n', agent: 'n y y y y n', supervisor: 'n y y y y y', admin: 'y y y y y y' },
  queue: { requester: 'n n - n n n', agent: 'n n y y y n', supervisor: 'n n y y y y', admin: 'n n y y n n' },
  device: { requester: 'n n - n n n', agent: 'n n y y y n', supervisor: 'n n y y y y', admin: 'n n y y n n' },
  editor: { requester: 'n n - n n n', agent: 'n n y y y n', supervisor: 'n n y y y y', admin: 'y y y y y y' },
} as const satisfies Table

/** What a direct write to the document can express, for whoever was let in. */
export const WRITES = {
  //                  none own assigned watched queue department
  title: { requester: 'n n - n n n', agent: 'n n y f y n', supervisor: 'n n y f y y', admin: 'y y y y y y' },
  status: { requester: 'n n - n n n', agent: 'n n y f f n', supervisor: 'n n y f y y', admin: 'y y y y y y' },
  'assign to another': {
    requester: 'n n - n n n',
    agent: 'n n f f f n',
    supervisor: 'n n f f y y',
    admin: 'y y y y y y',
  },
  /** Taking what somebody has, or what is one's own already, is no claim but an assignment. */
  'assign to myself': {
    requester: 'n n - n n n',
    agent: 'n n f f y n',
    supervisor: 'n n f f y y',
    admin: 'y y y y y y',
  },
  departmentId: { requester: 'n n - n n n', agent: 'n n y f f n', supervisor: 'n n y f y y', admin: 'y y y y y y' },
  description: { requester: 'n n - n n n', agent: 'n n y f y n', supervisor: 'n n y f y y', admin: 'y y y y y y' },
  notes: { requester: 'n n - n n n', agent: 'n n y f y n', supervisor: 'n n y f y y', admin: 'y y y y y y' },
} as const satisfies Table

/** What a device brought and the rules left to a person: who is shown it (`y` or `n`), and who may decide. */
export const REVIEW = {
  //                          none own assigned watched queue department
  'parked.list': { requester: 'n n - n n n', agent: 'n n n n n n', supervisor: 'n n n n y y', admin: 'y y y y y y' },
  'parked.approve': { requester: 'n f - n n n', agent: 'n f f f f n', supervisor: 'n f f f y y', admin: 'y y y y y y' },
  'parked.reject': { requester: 'n f - n n n', agent: 'n f f f f n', supervisor: 'n f f f y y', admin: 'y y y y y y' },
} as const satisfies Table

/** What concerns no particular ticket. */
export const ANYWHERE = {
  'open a ticket': { requester: 'y', agent: 'y', supervisor: 'y', admin: 'y' },
  'open a ticket for others': { requester: 'f', agent: 'y', supervisor: 'y', admin: 'y' },
  'list people': { requester: 'f', agent: 'y', supervisor: 'y', admin: 'y' },
  'add a person': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'change what somebody may do': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'change somebody’s departments': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'disable an account': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'enable an account': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'invite somebody into one’s department': { requester: 'f', agent: 'f', supervisor: 'y', admin: 'y' },
  'invite somebody into another department': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'invite an administrator': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'see who waits for approval': { requester: 'f', agent: 'y', supervisor: 'y', admin: 'y' },
  'let a newcomer in': { requester: 'f', agent: 'f', supervisor: 'y', admin: 'y' },
  'turn a newcomer away': { requester: 'f', agent: 'f', supervisor: 'y', admin: 'y' },
  'say who may register': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'name a head': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'edit the own profile': { requester: 'y', agent: 'y', supervisor: 'y', admin: 'y' },
  'add a department': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'list one’s own devices': { requester: 'y', agent: 'y', supervisor: 'y', admin: 'y' },
  'list the devices of another': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'name the device of another': { requester: 'n', agent: 'n', supervisor: 'n', admin: 'y' },
  'revoke the device of another': { requester: 'n', agent: 'n', supervisor: 'n', admin: 'y' },
  'read what came back after a restore': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'see mail that failed': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'see mail that waits': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'retry mail': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'discard mail': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'see the sessions of others': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'end the sessions of others': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'require a second step of a role': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'take away a second step': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'read the audit log': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'list departments': { requester: 'y', agent: 'y', supervisor: 'y', admin: 'y' },
} as const satisfies Table

/**
 * What still goes through from the device of an agent to whom the ticket is nothing any more, by what it was when they
 * did the work: they watched it, it was in their queue, it was theirs (and nobody has started on it since).
 */
export const PAST = {
  //                   watched queue assigned
  'public comment': 'y y y',
  'internal comment': 'y y y',
  'work.log': 'f y y',
  'ticket.edit': 'f y y',
  'text.write': 'f y y',
  'ticket.tag': 'f y y',
  'ticket.untag': 'f y y',
  'ticket.claim': 'f y f',
  'ticket.assign': 'f f f',
  'ticket.unassign': 'f f f',
  'ticket.move': 'f f f',
  'ticket.transition': 'f f y',
  'ticket.resolve': 'f f y',
  'ticket.reopen': 'f f y',
  'ticket.close': 'f f y',
  'ticket.cancel': 'f f y',
  'ticket.watch': 'f f f',
  'ticket.unwatch': 'f f f',
  'watch for others': 'f f f',
} as const satisfies Record<keyof typeof CHANGES, string>

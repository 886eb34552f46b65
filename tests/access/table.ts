/**
 * Who may do what, written out by hand from the roles of the product; the program's own table is not asked. A cell is
 * the answer to somebody of that role whose relation to the ticket is the column's:
 * `y` allowed · `f` forbidden · `n` not found, because they may not even see it · `-` cannot be.
 */
import type { Action, Role } from '@rejoin/shared/access/access.ts'

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
  comments: { requester: 'n y - n n n', agent: 'n y y y y n', supervisor: 'n y y y y y', admin: 'y y y y y y' },
  work: { requester: 'n y - n n n', agent: 'n y y y y n', supervisor: 'n y y y y y', admin: 'y y y y y y' },
  history: { requester: 'n y - n n n', agent: 'n y y y y n', supervisor: 'n y y y y y', admin: 'y y y y y y' },
  authors: { requester: 'n y - n n n', agent: 'n y y y y n', supervisor: 'n y y y y y', admin: 'y y y y y y' },
  list: { requester: 'n y - n n n', agent: 'n y y y y n', supervisor: 'n y y y y y', admin: 'y y y y y y' },
  queue: { requester: 'n n - n n n', agent: 'n n y y y n', supervisor: 'n n y y y y', admin: 'n n y y n n' },
  device: { requester: 'n n - n n n', agent: 'n n y y y n', supervisor: 'n n y y y y', admin: 'n n y y n n' },
  editor: { requester: 'n n - n n n', agent: 'n n y y y n', supervisor: 'n n y y y y', admin: 'y y y y y y' },
} as const satisfies Table

/** Changes that a direct write to the document can express, for an editor who was let in. */
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
  /** Taking a ticket that somebody has, oneself included, is no claim but an assignment. */
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

/** Work of a device that the rules left to a person, whole or its time: who is shown it (`y` or `n`), who decides. */
export const REVIEW = {
  //                          none own assigned watched queue department
  'parked.list': { requester: 'n n - n n n', agent: 'n n n n n n', supervisor: 'n n n n y y', admin: 'y y y y y y' },
  'parked.approve': { requester: 'n f - n n n', agent: 'n f f f f n', supervisor: 'n f f f y y', admin: 'y y y y y y' },
  'parked.reject': { requester: 'n f - n n n', agent: 'n f f f f n', supervisor: 'n f f f y y', admin: 'y y y y y y' },
  'parked.listBackdated': {
    requester: 'n n - n n n',
    agent: 'n n n n n n',
    supervisor: 'n n n n y y',
    admin: 'y y y y y y',
  },
  'parked.approveBackdated': {
    requester: 'n f - n n n',
    agent: 'n f f f f n',
    supervisor: 'n f f f y y',
    admin: 'y y y y y y',
  },
} as const satisfies Table

/** Calls that concern no particular ticket. */
export const ANYWHERE = {
  'open a ticket': { requester: 'y', agent: 'y', supervisor: 'y', admin: 'y' },
  'open a ticket for others': { requester: 'f', agent: 'y', supervisor: 'y', admin: 'y' },
  'list people': { requester: 'f', agent: 'y', supervisor: 'y', admin: 'y' },
  'add a person': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'take people in': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'write everybody down': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'correct the name of another': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'make a password link for another': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'change what somebody may do': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'change the departments of somebody of one’s own': { requester: 'f', agent: 'f', supervisor: 'y', admin: 'y' },
  'change the departments of somebody else': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'put somebody of one’s own into another department': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'say of which organisation somebody is': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'say of which organisation one is oneself': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'see the custom roles': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'make a custom role': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'change a custom role': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'remove a custom role': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'give a custom role': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
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
  'rename a department': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'disable a department': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'enable a department': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'read the own account': { requester: 'y', agent: 'y', supervisor: 'y', admin: 'y' },
  'see the own sessions': { requester: 'y', agent: 'y', supervisor: 'y', admin: 'y' },
  'end the session of another': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'end one’s own other sessions': { requester: 'y', agent: 'y', supervisor: 'y', admin: 'y' },
  'change the own password': { requester: 'y', agent: 'y', supervisor: 'y', admin: 'y' },
  'log out': { requester: 'y', agent: 'y', supervisor: 'y', admin: 'y' },
  'ask about the own second step': { requester: 'y', agent: 'y', supervisor: 'y', admin: 'y' },
  'begin a second step': { requester: 'y', agent: 'y', supervisor: 'y', admin: 'y' },
  'confirm a second step': { requester: 'y', agent: 'y', supervisor: 'y', admin: 'y' },
  'disable the own second step': { requester: 'y', agent: 'y', supervisor: 'y', admin: 'y' },
  'renew the own recovery codes': { requester: 'y', agent: 'y', supervisor: 'y', admin: 'y' },
  'make an API token': { requester: 'y', agent: 'y', supervisor: 'y', admin: 'y' },
  'list the API tokens of another': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'revoke the API token of another': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'see the open invitations': { requester: 'y', agent: 'y', supervisor: 'y', admin: 'y' },
  'take an invitation back': { requester: 'f', agent: 'f', supervisor: 'y', admin: 'y' },
  'take back parked work of one’s own': { requester: 'y', agent: 'y', supervisor: 'y', admin: 'y' },
  'list one’s own notifications': { requester: 'y', agent: 'y', supervisor: 'y', admin: 'y' },
  'mark one’s own notifications': { requester: 'y', agent: 'y', supervisor: 'y', admin: 'y' },
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
  'send oneself a letter to test mail': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'read what the workspace is called': { requester: 'y', agent: 'y', supervisor: 'y', admin: 'y' },
  'say what the workspace is called': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'fill the workspace with a demo': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'read the audit log': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'list departments': { requester: 'y', agent: 'y', supervisor: 'y', admin: 'y' },
  'see SLA calendars': { requester: 'f', agent: 'y', supervisor: 'y', admin: 'y' },
  'see an SLA calendar': { requester: 'f', agent: 'y', supervisor: 'y', admin: 'y' },
  'make an SLA calendar': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'edit an SLA calendar': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'import holidays': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'remove an SLA calendar': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'see SLA policies': { requester: 'f', agent: 'y', supervisor: 'y', admin: 'y' },
  'see an SLA policy': { requester: 'f', agent: 'y', supervisor: 'y', admin: 'y' },
  'make an SLA policy': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'edit an SLA policy': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'enable an SLA policy': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'remove an SLA policy': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'order SLA policies': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
  'see why the clocks of a ticket say what they say': { requester: 'n', agent: 'n', supervisor: 'n', admin: 'y' },
  'see which clocks are due': { requester: 'f', agent: 'y', supervisor: 'y', admin: 'y' },
  'see SLA figures': { requester: 'f', agent: 'f', supervisor: 'y', admin: 'y' },
  'see what SLA clocks are measured by': { requester: 'f', agent: 'y', supervisor: 'y', admin: 'y' },
  'take note of the clock of another': { requester: 'n', agent: 'n', supervisor: 'n', admin: 'y' },
  'excuse the clock of another': { requester: 'n', agent: 'n', supervisor: 'n', admin: 'y' },
  'preview an SLA policy': { requester: 'f', agent: 'f', supervisor: 'f', admin: 'y' },
} as const satisfies Table

/**
 * Commands that still go through from the device of an agent who has since lost the ticket, by their relation to it
 * when they did the work: they watched it, it was in their queue, it was theirs (and nobody has started on it since).
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

/** Procedures that need no session, and their answer to nonsense: they never ask who calls. */
export const PUBLIC = {
  'accounts.setUp': 'invalid',
  'accounts.logIn': 'invalid',
  'accounts.requestPasswordReset': 'invalid',
  'accounts.verifyResetToken': 'invalid',
  'accounts.resetPassword': 'invalid',
  'accounts.registrationForm': 'invalid',
  'accounts.register': 'invalid',
  'accounts.mfa.answer': 'invalid',
  'accounts.mfa.beginRequired': 'invalid',
  'accounts.mfa.confirmRequired': 'invalid',
  'invitations.verify': 'invalid',
  'invitations.accept': 'invalid',
  /** For pages of this server only. */
  'accounts.logInByCookie': 'forbidden',
  'accounts.mfa.answerByCookie': 'forbidden',
  'accounts.mfa.confirmRequiredByCookie': 'forbidden',
} as const satisfies Readonly<Record<string, string>>

/** Calls that an API token may make, and the scopes of which each takes one. It may make no others. */
export const SCOPES = {
  'tickets.get': 'ticket.read',
  'tickets.comments': 'ticket.read',
  'tickets.work': 'ticket.read',
  'tickets.history': 'ticket.read',
  'tickets.list': 'ticket.read',
  'tickets.queue': 'ticket.replicate',
  'tickets.create': 'ticket.create',
  'tickets.edit': 'ticket.edit',
  'tickets.writeText': 'ticket.write-text',
  'tickets.logWork': 'work.log',
  'tickets.claim': 'ticket.claim',
  'tickets.assign': 'ticket.assign',
  'tickets.unassign': 'ticket.unassign',
  'tickets.move': 'ticket.move',
  'tickets.transition': 'ticket.transition',
  'tickets.resolve': 'ticket.resolve',
  'tickets.reopen': 'ticket.reopen',
  'tickets.close': 'ticket.close',
  'tickets.cancel': 'ticket.cancel',
  'tickets.tag': 'ticket.tag',
  'tickets.untag': 'ticket.tag',
  'tickets.watch': 'ticket.watch',
  'tickets.unwatch': 'ticket.watch',
  'tickets.comment': ['comment.public', 'comment.internal'],
  'departments.list': 'department.list',
  'parked.list': 'parked.review',
  'parked.approve': 'parked.review',
  'parked.reject': 'parked.review',
  'parked.listBackdated': 'parked.review',
  'parked.approveBackdated': 'parked.review',
  'accounts.people': 'user.list',
} as const satisfies Readonly<Record<string, Action | readonly Action[]>>

/**
 * Ways to come to a door without the right to be let in, with any role, and the answers: of each procedure that is not
 * public, of `POST /sync`, and of the sockets as they close.
 */
export const SHUT_OUT = {
  'with nothing': ['unauthenticated', 'unauthenticated', 4401],
  'with a token that nobody was given': ['unauthenticated', 'unauthenticated', 4401],
  'with a session that has run out': ['unauthenticated', 'unauthenticated', 4401],
  'with a session that was ended': ['unauthenticated', 'unauthenticated', 4401],
  pending: ['unauthenticated', 'unauthenticated', 4401],
  disabled: ['unauthenticated', 'account-disabled', 4401],
  'with a session from before they were disabled and enabled': ['unauthenticated', 'unauthenticated', 4401],
  'owing a code': ['unauthenticated', 'unauthenticated', 4401],
  'owing the set-up of a second step': ['unauthenticated', 'unauthenticated', 4401],
  'with a session from before a second step was required': ['unauthenticated', 'unauthenticated', 4401],
  'by the cookie in a page of another site': ['unauthenticated', 'unauthenticated', 4401],
  'with an API token for something else': ['forbidden', 'forbidden', 4403],
} as const satisfies Readonly<Record<string, readonly [call: string, sync: string, socket: number]>>

/** Ways to come that are let in. */
export const LET_IN = [
  'without a second step',
  'after a second step',
  'in the days of grace of one that is required',
  'by the cookie in a page of this server',
] as const

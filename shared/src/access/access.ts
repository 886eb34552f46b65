/**
 * Who may do what: one table of role × action × relation, asked by every door. The same rows build the `where` of
 * lists, the keys of a device's scope and the answer to a single `may`, so they cannot disagree.
 */
import { z } from 'zod'
import { isOpen, type Status } from '../statuses.ts'

export const Role = z.enum(['admin', 'supervisor', 'agent', 'requester'])
export type Role = z.infer<typeof Role>

/**
 * How a person stands to a ticket. `own`: they asked for it. `assigned`: they are responsible. `watched`: they follow
 * it. `queue`: it is open, unassigned and in a department of theirs. `department`: it is in a department of theirs.
 * `held`: their device held it when the work was done. `was-assigned`, `was-queue`: it was theirs, or in their queue,
 * when the work was done.
 */
export const Relation = z.enum([
  'own',
  'assigned',
  'watched',
  'queue',
  'department',
  'held',
  'was-assigned',
  'was-queue',
  'any',
])
export type Relation = z.infer<typeof Relation>

type ByRole = Partial<Record<Role, readonly Relation[]>>

const STAFF_ANY = { supervisor: ['any'], admin: ['any'] } as const satisfies ByRole
const ADMIN_ONLY = { admin: ['any'] } as const satisfies ByRole

/** Appending to a ticket: an agent may while it is theirs or in their sight, or was when they did the work offline. */
const APPEND = {
  agent: ['own', 'assigned', 'watched', 'queue', 'held'],
  supervisor: ['own', 'assigned', 'watched', 'department', 'held'],
  admin: ['any'],
} as const satisfies ByRole

const WORK = {
  agent: ['assigned', 'was-assigned'],
  supervisor: ['assigned', 'department', 'was-assigned'],
  admin: ['any'],
} as const satisfies ByRole

/** A requester of any role may end their own ticket or reopen it. */
const END_OR_REVIVE = {
  requester: ['own'],
  agent: ['own', ...WORK.agent],
  supervisor: ['own', ...WORK.supervisor],
  admin: ['any'],
} as const satisfies ByRole

const GIVE_UP = {
  agent: ['assigned'],
  supervisor: ['assigned', 'department'],
  admin: ['any'],
} as const satisfies ByRole

const CHANGE = {
  agent: ['assigned', 'queue', 'was-assigned', 'was-queue'],
  supervisor: ['assigned', 'department'],
  admin: ['any'],
} as const satisfies ByRole

export const ACCESS = {
  'ticket.create': { requester: ['any'], agent: ['any'], supervisor: ['any'], admin: ['any'] },
  'ticket.create-for-others': { agent: ['any'], supervisor: ['any'], admin: ['any'] },
  'ticket.read': {
    requester: ['own'],
    agent: ['own', 'assigned', 'watched', 'queue'],
    supervisor: ['own', 'assigned', 'watched', 'department'],
    admin: ['any'],
  },
  /** Reading the whole document, internal comments and notes included: on a device, by `/yjs`, or in a full view. */
  'ticket.read-internal': {
    agent: ['assigned', 'watched', 'queue'],
    supervisor: ['assigned', 'watched', 'department'],
    admin: ['any'],
  },
  /** The open tickets that a device carries. An administrator's device carries their own work; the rest is online. */
  'ticket.replicate': {
    agent: ['assigned', 'watched', 'queue'],
    supervisor: ['assigned', 'watched', 'department'],
    admin: ['assigned', 'watched', 'department'],
  },
  'ticket.edit': CHANGE,
  'ticket.write-text': CHANGE,
  'ticket.tag': CHANGE,
  'ticket.claim': { agent: ['queue', 'was-queue'], supervisor: ['department'], admin: ['any'] },
  'ticket.assign': { supervisor: ['department'], admin: ['any'] },
  'ticket.unassign': GIVE_UP,
  'ticket.move': GIVE_UP,
  'ticket.transition': WORK,
  'ticket.resolve': WORK,
  'ticket.reopen': END_OR_REVIVE,
  'ticket.close': END_OR_REVIVE,
  'ticket.cancel': END_OR_REVIVE,
  'ticket.watch': {
    requester: ['own'],
    agent: ['own', 'assigned', 'watched', 'queue'],
    supervisor: ['own', 'assigned', 'watched', 'department'],
    admin: ['any'],
  },
  'ticket.watch-for-others': { supervisor: ['department'], admin: ['any'] },
  'comment.public': { requester: ['own'], ...APPEND },
  'comment.internal': {
    agent: ['assigned', 'watched', 'queue', 'held'],
    supervisor: ['assigned', 'watched', 'department', 'held'],
    admin: ['any'],
  },
  'work.log': {
    agent: ['assigned', 'queue', 'was-assigned', 'was-queue'],
    supervisor: ['assigned', 'department', 'was-assigned'],
    admin: ['any'],
  },
  /** Seeing and deciding parked commands: work of devices that the rules leave to a person. */
  'parked.review': { supervisor: ['department'], admin: ['any'] },
  /** Seeing, naming and revoking devices; `own`: the actor's. */
  'device.manage': { requester: ['own'], agent: ['own'], supervisor: ['own'], admin: ['any'] },
  'user.list': { agent: ['any'], supervisor: ['any'], admin: ['any'] },
  'user.create': ADMIN_ONLY,
  /** Correcting the name and the address of another person. */
  'user.correct': ADMIN_ONLY,
  /** Handing out a link by which another person chooses a new password. */
  'user.hand-out-link': ADMIN_ONLY,
  /** Exporting all people as a file. */
  'user.export': ADMIN_ONLY,
  /** Setting a person's role, headship of a department, and the organisation by which SLA policies choose. */
  'user.set-rights': ADMIN_ONLY,
  /** `department`: for others in a department that the actor heads or nobody heads, and only among such departments. */
  'user.set-departments': { supervisor: ['department'], admin: ['any'] },
  /** Custom roles: making, changing and removing them. */
  'role.manage': ADMIN_ONLY,
  /** Disabling accounts and enabling them again. */
  'user.disable': ADMIN_ONLY,
  /** `department`: people for the actor's own departments, and no administrators. */
  'user.invite': { supervisor: ['department'], admin: ['any'] },
  /** Approving people who registered. `department`: for a department that the actor heads, or that nobody heads. */
  'user.approve': { supervisor: ['department'], admin: ['any'] },
  'registration.set-policy': ADMIN_ONLY,
  'department.create': ADMIN_ONLY,
  /** Renaming, disabling and enabling departments. */
  'department.manage': ADMIN_ONLY,
  /** Seeing and ending other people's sessions. */
  'session.manage': ADMIN_ONLY,
  /** Setting which roles sign in with a second step, and removing one that was lost. */
  'second-step.manage': ADMIN_ONLY,
  /** Changing the workspace's name and time zone. */
  'workspace.edit': ADMIN_ONLY,
  /** Filling an empty workspace with people and tickets to look at. */
  'workspace.fill': ADMIN_ONLY,
  'audit.read': ADMIN_ONLY,
  'recovery.read': ADMIN_ONLY,
  /** Seeing unsent mail, and deciding about mail that is set aside. */
  'mail.manage': ADMIN_ONLY,
  /** Making and changing calendars and policies. */
  'sla.manage': ADMIN_ONLY,
  'sla.read': { agent: ['any'], ...STAFF_ANY },
  /** Figures of met and breached targets; `department`: of the actor's own departments. */
  'sla.report': { supervisor: ['department'], admin: ['any'] },
  /** Acknowledging a clock, so that its next levels need not be told. */
  'sla.acknowledge': { agent: ['assigned'], supervisor: ['assigned', 'department'], admin: ['any'] },
  /** Saying that a breach does not count. */
  'sla.excuse': { supervisor: ['department'], admin: ['any'] },
  'department.list': { requester: ['any'], agent: ['any'], ...STAFF_ANY },
} as const satisfies Record<string, ByRole>

export type Action = keyof typeof ACCESS

/** Whether the action is work, and not about accounts or security: API tokens and custom roles may be given it. */
export function isWork(action: Action): boolean {
  return /^(ticket|comment|work|parked)\./.test(action) || action === 'user.list' || action === 'department.list'
}

export const TokenScope = z
  .enum(Object.keys(ACCESS) as [Action, ...Action[]])
  .refine(isWork, 'is about accounts or security, which tokens may not do')

/** Cells of the table: for each action the relations under which it is allowed. */
export type Grants = Partial<Record<Action, readonly Relation[]>>

/** A role of this workspace: its cells stand in place of those that its base role has in the table. */
export interface CustomRole {
  readonly id: string
  readonly name: string
  readonly grants: Grants
}

/** Somebody who acts: a person with their role and departments, or the server itself (`system`). */
export interface Actor {
  readonly id: string
  readonly name: string
  /** The built-in role; with a custom role, its base. */
  readonly role: Role | 'system'
  readonly customRole?: CustomRole | undefined
  readonly departments: readonly string[]
  /** The actions to which an API token is limited; absent for a person in their own session. */
  readonly scopes?: readonly Action[] | undefined
}

/** The fields of a ticket that decide how a person stands to it. */
export interface Standing {
  readonly requesterId: string
  readonly assigneeId: string | null
  readonly departmentId: string | null
  readonly status: Status
  readonly watcherIds: readonly string[]
}

/** The fields of an actor that decide their rights, apart from how they stand to a ticket. */
export type Holder = Pick<Actor, 'role' | 'customRole' | 'scopes'>

/** The relations under which `actor` may do `action`; empty when the role may not do it at all. */
export function grantsOf({ role, customRole, scopes }: Holder, action: Action): readonly Relation[] {
  if (scopes !== undefined && !scopes.includes(action)) return []
  if (role === 'system') return ['any']
  const byRole: ByRole = ACCESS[action]
  return customRole?.grants[action] ?? byRole[role] ?? []
}

/** How `actor` stands to a ticket now. `held` and `was-…` look into a device's past, which only the server knows. */
export function relationsOf(actor: Actor, ticket: Standing): Set<Relation> {
  const relations = new Set<Relation>(['any'])
  if (ticket.requesterId === actor.id) relations.add('own')
  if (ticket.assigneeId === actor.id) relations.add('assigned')
  if (ticket.watcherIds.includes(actor.id)) relations.add('watched')
  if (ticket.departmentId !== null && actor.departments.includes(ticket.departmentId)) {
    relations.add('department')
    if (ticket.assigneeId === null && isOpen(ticket.status)) relations.add('queue')
  }
  return relations
}

export function may(actor: Holder, action: Action, relations: ReadonlySet<Relation>): boolean {
  return grantsOf(actor, action).some((relation) => relations.has(relation))
}

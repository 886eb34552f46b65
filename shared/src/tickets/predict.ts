/**
 * What a queued command will probably do, computed on the device with the rules that the server decides with. A
 * prediction is an overlay on the document's value and never written into it. Where the rules refuse the command,
 * the view stays as it is: the verdict will say why.
 */
import { grantsOf, relationsOf, may, type Action, type Actor, type Standing } from '../access/access.ts'
import { DEVICE_COMMANDS, type ParsedOf, type TicketCommandName } from './commands.ts'
import { buildsOn } from './depends.ts'
import { canMove, canTransition, isOpen, needsReason, OWN_COMMAND, type Status } from '../statuses.ts'
import { clocksAfter } from '../sla/clock-view.ts'
import type { TicketView } from './ticket.ts'

interface Context {
  readonly actor: Actor
  /** When the author acted, epoch ms by the device's estimate of server time. */
  readonly at: number
}

/** What a command changes; nothing where that is done already; null where the rules refuse it. */
type Prediction = Partial<TicketView> | null

type Predictions = {
  [Name in Exclude<TicketCommandName, 'ticket.create'>]: (
    view: TicketView,
    input: ParsedOf<Name>,
    context: Context,
  ) => Prediction
}

const PREDICT: Predictions = {
  'ticket.edit': (view, { set }) => {
    const { custom, ...fields } = set
    return withoutUndefined({ ...fields, ...(custom && { custom: { ...view.custom, ...custom } }) })
  },
  'ticket.claim': (view, _input, { actor }) => {
    if (view.assigneeId === actor.id) return {}
    return view.assigneeId === null ? givenTo(view, actor.id, actor.name) : null
  },
  'ticket.assign': (view, { agentId }) => (view.assigneeId === agentId ? {} : givenTo(view, agentId)),
  'ticket.unassign': (view) => (view.assigneeId === null ? {} : givenTo(view, null)),
  'ticket.move': (view, { departmentId }) => {
    if (view.departmentId === departmentId) return {}
    const given = givenTo(view, null)
    return given === null ? null : { ...given, departmentId }
  },
  'ticket.transition': (view, { to, reason }, context) => {
    if (needsReason(to) && reason === undefined) return null
    if (view.status === to && OWN_COMMAND[to] === undefined) return {}
    return canTransition(view.status, to) ? moved(view, to, context, reason ?? null) : null
  },
  'ticket.resolve': (view, { resolution }, context) =>
    view.status === 'resolved' ? {} : withIt(moved(view, 'resolved', context), { resolution }),
  'ticket.reopen': (view, { reason }, context) =>
    view.status === 'resolved'
      ? withIt(moved(view, 'in_progress', context, reason ?? null), { reopenCount: view.reopenCount + 1 })
      : null,
  'ticket.close': (view, _input, context) => moved(view, 'closed', context),
  'ticket.cancel': (view, { reason }, context) => moved(view, 'cancelled', context, reason ?? null),
  'ticket.tag': (view, { tag }) => ({ tags: [...new Set([...view.tags, tag])].toSorted() }),
  'ticket.untag': (view, { tag }) => ({ tags: view.tags.filter((each) => each !== tag) }),
  'ticket.watch': (view, { userId }, { actor }) => {
    const id = userId ?? actor.id
    if (view.watchers.some((watcher) => watcher.userId === id)) return {}
    return { watchers: [...view.watchers, { userId: id, reason: id === actor.id ? 'chosen' : 'added' }] }
  },
  'ticket.unwatch': (view, { userId }, { actor }) => ({
    watchers: view.watchers.filter((watcher) => watcher.userId !== (userId ?? actor.id)),
  }),
  'comment.add': (view, { commentId, body, visibility }, { actor, at }) => {
    const comment = { id: commentId, authorId: actor.id, authorName: actor.name, body, visibility, createdAt: at }
    return { comments: [...view.comments, comment], ...started(view, actor, at) }
  },
  'work.log': (view, { workId, minutes, note }, { actor, at }) => {
    const entry = { id: workId, authorId: actor.id, authorName: actor.name, minutes, note: note ?? null, createdAt: at }
    return { work: [...view.work, entry], ...started(view, actor, at) }
  },
  /** Texts are edited in the document itself and need no overlay. */
  'text.write': () => ({}),
}

/** The action of the access table that each command needs, where it does not depend on the input. */
const ACTION_OF: Partial<Record<TicketCommandName, Action>> = {
  'ticket.edit': 'ticket.edit',
  'ticket.claim': 'ticket.claim',
  'ticket.assign': 'ticket.assign',
  'ticket.unassign': 'ticket.unassign',
  'ticket.move': 'ticket.move',
  'ticket.transition': 'ticket.transition',
  'ticket.resolve': 'ticket.resolve',
  'ticket.reopen': 'ticket.reopen',
  'ticket.close': 'ticket.close',
  'ticket.cancel': 'ticket.cancel',
  'ticket.tag': 'ticket.tag',
  'ticket.untag': 'ticket.tag',
  'ticket.watch': 'ticket.watch',
  'ticket.unwatch': 'ticket.watch',
  'work.log': 'work.log',
}

export interface Waiting {
  readonly name: TicketCommandName
  /** It must have passed its schema. */
  readonly input: unknown
  readonly group?: string | undefined
  /** When the author acted, epoch ms by the device's estimate of server time. */
  readonly at: number
}

/**
 * The view after `commands`, or null when there is none yet and none of them creates one. What builds on a command that
 * will not go through will not either, nor what is judged as one with it; `held` are earlier ones of that kind.
 */
export function predictAll(
  view: TicketView | null,
  commands: readonly Waiting[],
  { actor, held }: { readonly actor: Actor; readonly held: readonly { name: string; input?: unknown }[] },
): TicketView | null {
  const failed = [...held]
  let current = view
  for (const unit of Map.groupBy(commands, (command) => command.group ?? command).values()) {
    const isHeld = unit.some((command) => failed.some((earlier) => buildsOn(command, earlier)))
    const next = isHeld ? null : afterAll(current, unit, actor)
    if (next === null) failed.push(...unit)
    else current = next
  }
  return current
}

function afterAll(view: TicketView | null, unit: readonly Waiting[], actor: Actor): TicketView | null {
  let current = view
  for (const command of unit) {
    current = predict(current, command, { actor, at: command.at })
    if (current === null) return null
  }
  return current
}

/** The view after `command`; null when the rules refuse it, or there is no ticket yet and it does not create one. */
function predict(
  view: TicketView | null,
  command: { readonly name: TicketCommandName; readonly input: unknown },
  context: Context,
): TicketView | null {
  const { name } = command
  const input = DEVICE_COMMANDS[name].parse(command.input)
  if (name === 'ticket.create') return view ?? createdView(input as ParsedOf<'ticket.create'>, context)
  if (view === null) return null
  const action = name === 'comment.add' ? commentAction(input as ParsedOf<'comment.add'>) : ACTION_OF[name]
  const isOwn = name === 'ticket.claim' && view.assigneeId === context.actor.id
  if (action !== undefined && !isOwn && !mayPredict(context.actor, action, view)) return null
  const change = (PREDICT[name] as (view: TicketView, input: unknown, context: Context) => Prediction)(
    view,
    input,
    context,
  )
  return change === null ? null : { ...view, ...change }
}

function commentAction(input: ParsedOf<'comment.add'>): Action {
  return input.visibility === 'public' ? 'comment.public' : 'comment.internal'
}

function standingOf(view: TicketView): Standing {
  return { ...view, watcherIds: view.watchers.map((watcher) => watcher.userId) }
}

/** The device holds the ticket, so whatever is granted to those who held it when they worked is granted here. */
function mayPredict(actor: Actor, action: Action, view: TicketView): boolean {
  return grantsOf(actor, action).includes('held') || may(actor, action, relationsOf(actor, standingOf(view)))
}

/** Only an open ticket changes hands. The name of another person is the server's to know. */
function givenTo(view: TicketView, assigneeId: string | null, assigneeName: string | null = null): Prediction {
  return isOpen(view.status) ? { assigneeId, assigneeName, startedAt: null } : null
}

/** A change together with what goes with it. */
function withIt(change: Prediction, more: Partial<TicketView>): Prediction {
  return change === null ? null : { ...change, ...more }
}

function moved(view: TicketView, to: Status, { actor, at }: Context, reason: string | null = null): Prediction {
  if (view.status === to) return {}
  if (!canMove(view.status, to)) return null
  return {
    status: to,
    statusReason: reason,
    clocks: clocksAfter(view, to, at),
    ...(to === 'in_progress' && started(view, actor, at)),
    ...(to === 'resolved' && { resolvedAt: at }),
    ...(isOpen(to) && { resolvedAt: null }),
    ...(to === 'closed' || to === 'cancelled' ? { closedAt: at } : {}),
  }
}

/** A ticket is started when its assignee first does something on it. */
function started(view: TicketView, actor: Actor, at: number): Partial<TicketView> {
  return view.startedAt === null && view.assigneeId === actor.id ? { startedAt: at } : {}
}

function createdView(input: ParsedOf<'ticket.create'>, { actor, at }: Context): TicketView {
  const own = input.requesterId === undefined || input.requesterId === actor.id
  return {
    id: input.ticketId,
    number: null,
    title: input.title,
    status: 'open',
    statusReason: null,
    priority: input.priority,
    type: input.type,
    category: input.category ?? null,
    subcategory: input.subcategory ?? null,
    departmentId: input.departmentId ?? actor.departments[0] ?? null,
    requesterId: input.requesterId ?? actor.id,
    requesterName: own ? actor.name : '',
    assigneeId: null,
    assigneeName: null,
    tags: [...new Set(input.tags)].toSorted(),
    watchers: [],
    skills: input.skills,
    estimateMinutes: input.estimateMinutes ?? null,
    dueAt: input.dueAt ?? null,
    site: input.site ?? null,
    custom: input.custom,
    resolution: null,
    source: 'agent',
    escalationLevel: 0,
    reopenCount: 0,
    createdAt: at,
    startedAt: null,
    firstRespondedAt: null,
    resolvedAt: null,
    closedAt: null,
    clocks: [],
    clockTerms: null,
    description: input.description,
    notes: '',
    comments: [],
    work: [],
  }
}

function withoutUndefined(value: Record<string, unknown>): Partial<TicketView> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Partial<TicketView>
}

/**
 * The rules for custom roles. A custom role is a row of the access table with a base role: where it has no cell of its
 * own, the base's cell counts. It can be narrowed freely, and widened to work that some built-in role does; never to
 * actions about accounts or security, and a requester's role never to the work of staff. Nobody gives more rights than
 * they have.
 */
import { z } from 'zod'
import { ACCESS, grantsOf, isWork, Relation, Role, type Action, type Grants, type Holder } from './access.ts'

const ACTIONS = Object.keys(ACCESS) as [Action, ...Action[]]

export const GrantsInput = z.partialRecord(z.enum(ACTIONS), z.array(Relation).max(Relation.options.length))
/** Grants in an answer. */
export const GrantsView = z.partialRecord(z.enum(ACTIONS), z.array(Relation).readonly())

/** Cells in one form, so that equal ones are equal as text. */
export function settled(grants: Grants): Grants {
  const cells = ACTIONS.flatMap((action) => {
    const relations = grants[action]
    return relations === undefined ? [] : [[action, Relation.options.filter((each) => relations.includes(each))]]
  })
  return Object.fromEntries(cells) as Grants
}

/** The fault of such a role, naming the action; null when there is none. */
export function problemOf(base: Role, grants: Grants): string | null {
  for (const action of ACTIONS) {
    const offered = offeredTo(base, action)
    const odd = (grants[action] ?? []).find((relation) => !offered.has(relation))
    if (odd === undefined) continue
    const choice = offered.size === 0 ? 'nothing' : [...offered].join(', ')
    return `grants.${action}: a role based on ${base} cannot have "${odd}" here. Allowed: ${choice}.`
  }
  return inconsistency({ role: base, customRole: { id: '', name: '', grants } })
}

function offeredTo(base: Role, action: Action): Set<Relation> {
  const roles = isWork(action) && base !== 'requester' ? Role.options : [base]
  return new Set(roles.flatMap((role) => grantsOf({ role }, action)))
}

/** Each of these actions shows all that the next one shows, and more. */
const SHOWING = ['ticket.replicate', 'ticket.read-internal', 'ticket.read'] as const satisfies readonly Action[]

function inconsistency(holder: Holder): string | null {
  for (const [index, shown] of SHOWING.slice(1).entries()) {
    const [showing, within] = [SHOWING[index] ?? shown, grantsOf(holder, shown)]
    const odd = grantsOf(holder, showing).find((relation) => !covers(within, relation))
    if (odd !== undefined) return `grants.${showing}: "${odd}" must also be in ${shown}.`
  }
  return null
}

/** The first action that `other` may do where `actor` may not; undefined when `actor` has all that `other` has. */
export function beyond(actor: Holder, other: Holder): Action | undefined {
  return ACTIONS.find((action) => {
    const own = grantsOf(actor, action)
    return grantsOf(other, action).some((relation) => !covers(own, relation))
  })
}

/** The other relations under which a person may do the same, and more. */
const WIDER: Partial<Record<Relation, readonly Relation[]>> = {
  queue: ['department'],
  'was-queue': ['queue', 'department'],
  'was-assigned': ['assigned'],
}

function covers(granted: readonly Relation[], relation: Relation): boolean {
  return [relation, 'any' as const, ...(WIDER[relation] ?? [])].some((each) => granted.includes(each))
}

/** What a change of policies or of a calendar would do to open tickets. It writes nothing. */
import { hasEnded, isOverdue, type Clock } from '../engine/clock.ts'
import { choosePolicy } from '../engine/choose-policy.ts'
import { fired, follow } from '../engine/follow.ts'
import type { Policy } from '../engine/policy.ts'
import type { OutOf } from '@rejoin/shared/contract/operation.ts'
import { termsOf } from '../engine/terms.ts'
import { WorkingTime } from '@rejoin/shared/sla/working-time.ts'
import { mustAnywhere } from '../../accounts/queries.ts'
import type { Read } from '../../../core/storage/db.ts'
import type { ReadContext } from '../../../core/reports.ts'
import { getCalendar } from '../calendars/queries.ts'
import { factsOf } from '../clocks/choice.ts'
import { findStored, type Stored } from '../clocks/stored.ts'
import { openTickets } from '../rollout.ts'
import { Effect, type preview, type PolicyChange } from './contract.ts'
import { presentPolicies } from './queries.ts'

/** The most open tickets that a preview looks at; the answer says whether there are more. */
const LOOKED_AT = 20_000
const EXAMPLES = 20

interface Offered {
  readonly id: string
  readonly value: Policy
  readonly rules: Policy['rules']
  readonly working: WorkingTime
}

export async function previewChange({ read, actor, now }: ReadContext, change: PolicyChange) {
  mustAnywhere(actor, 'sla.manage')
  const offered = await offeredAfter(read, change)
  const ticketIds = await openTickets(read, '', LOOKED_AT + 1)
  const counts: Record<Effect, number> = Object.fromEntries(Effect.options.map((effect) => [effect, 0])) as never
  const examples: OutOf<typeof preview>['examples'] = []
  let tickets = 0
  for (const ticketId of ticketIds.slice(0, LOOKED_AT)) {
    const stored = findStored(read, ticketId)
    if (stored === null) continue
    const effects = effectsOn(read, stored, offered, now)
    if (effects.length > 0) tickets += 1
    for (const each of effects) {
      counts[each.effect] += 1
      if (examples.length < EXAMPLES) examples.push({ ticketId, ...each })
    }
  }
  const isComplete = ticketIds.length <= LOOKED_AT
  return {
    openTickets: Math.min(ticketIds.length, LOOKED_AT),
    isComplete,
    ticketsAffected: tickets,
    clocks: counts,
    examples,
  }
}

async function offeredAfter(read: Read, { policy, calendar }: PolicyChange): Promise<Offered[]> {
  const present = (await presentPolicies(read)).filter(({ isEnabled, id }) => isEnabled || id === policy?.policyId)
  const changed = present.map(({ id, value }) => ({ id, value: id === policy?.policyId ? policy.value : value }))
  const isNew = policy !== undefined && policy.policyId === undefined
  const all = isNew ? [{ id: '', value: policy.value }, ...changed] : changed
  const kept = all.filter(({ id }) => policy === undefined || policy.isEnabled || id !== (policy.policyId ?? ''))
  const offered: Offered[] = []
  for (const each of kept) {
    const { calendarId } = each.value
    const value = calendarId === calendar?.calendarId ? calendar.value : (await getCalendar(read, calendarId)).value
    offered.push({ ...each, rules: each.value.rules, working: new WorkingTime(value) })
  }
  return offered
}

function effectsOn(read: Read, { ticketId, clocks }: Stored, offered: readonly Offered[], now: number) {
  const facts = factsOf(read, ticketId)
  const match = choosePolicy(offered, facts)
  const versions = match && {
    policyVersion: `would be ${match.policy.id}`,
    calendarVersion: 'would be',
    working: match.policy.working,
  }
  const terms = match && versions && termsOf(match.policy.value, facts.priority, versions)
  const before = fired(clocks, now)
  const after = fired(follow(before, { type: 'terms', at: Math.max(now, before.at), terms }), now + 1)
  return after.clocks.flatMap((clock) => {
    const earlier = before.clocks.find(({ metric, cycle }) => metric === clock.metric && cycle === clock.cycle)
    const effect = effectOf(earlier, clock, now)
    return effect === null
      ? []
      : [{ metric: clock.metric, effect, dueAt: earlier?.dueAt ?? null, wouldBeDueAt: clock.dueAt }]
  })
}

function effectOf(before: Clock | undefined, after: Clock, now: number): Effect | null {
  if (before === undefined) return 'begun'
  if (hasEnded(before)) return null
  if (after.state === 'cancelled') return 'cancelled'
  const [was, is] = [isOverdue(before, now), isOverdue(after, now)]
  if (was !== is) return is ? 'newly-overdue' : 'no-more-overdue'
  if (before.targetMs === after.targetMs && before.dueAt === after.dueAt) return null
  const [sooner, later] = [after.dueAt ?? after.targetMs, before.dueAt ?? before.targetMs]
  return sooner === later ? null : sooner < later ? 'earlier' : 'later'
}

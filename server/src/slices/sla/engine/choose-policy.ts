/** Which policy a ticket falls under, and by which rule. */
import { composed, twinKey } from '@rejoin/shared/names.ts'
import type { CustomFields, TicketType } from '@rejoin/shared/tickets/ticket.ts'
import type { Priority } from '@rejoin/shared/priority.ts'
import type { Rule } from './policy.ts'

/** What rules ask of a ticket. */
export interface Facts {
  readonly priority: Priority
  readonly type: TicketType
  readonly category: string | null
  readonly departmentId: string | null
  /** Of the requester. */
  readonly organisation: string | null
  readonly tags: readonly string[]
  readonly custom: CustomFields
}

export interface Match<Candidate> {
  readonly policy: Candidate
  /** The index of the rule that matched, for the log of the choice. */
  readonly rule: number
}

/** The first policy, in their order, one of whose rules matches; null when none does. */
export function choosePolicy<Candidate extends { readonly rules: readonly Rule[] }>(
  policies: readonly Candidate[],
  facts: Facts,
): Match<Candidate> | null {
  for (const policy of policies) {
    const rule = policy.rules.findIndex((each) => matches(each, facts))
    if (rule >= 0) return { policy, rule }
  }
  return null
}

function matches({ tags, custom, ...rule }: Rule, facts: Facts): boolean {
  const isAny = (names: readonly unknown[] | undefined, value: unknown) => names === undefined || names.includes(value)
  return (
    isAny(rule.priority, facts.priority) &&
    isAny(rule.type, facts.type) &&
    isAny(rule.category, facts.category) &&
    isAny(rule.departmentId, facts.departmentId) &&
    isAny(rule.organisation?.map(twinKey), facts.organisation && twinKey(facts.organisation)) &&
    (tags === undefined || tags.some((tag) => facts.tags.includes(tag))) &&
    Object.entries(custom ?? {}).every(([name, values]) => isAny(values.map(read), read(facts.custom[name])))
  )
}

/** What a custom field holds is kept as it was typed; letters that read the same are the same. */
function read(value: unknown): unknown {
  return typeof value === 'string' ? composed(value) : value
}

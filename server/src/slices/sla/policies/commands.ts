/** Makes, changes and orders policies. A change is another version; times measured by an earlier one stay. */
import type { Policy } from '../engine/policy.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { getPerson, mustAnywhere } from '../../accounts/queries.ts'
import { audit, type Fact } from '../../../core/audit.ts'
import { implement } from '../../../core/api/implement.ts'
import type { CommandContext } from '../../../core/command.ts'
import type { Read } from '../../../core/storage/db.ts'
import { mustBeFree } from '../../../core/named.ts'
import { getDepartment, getTaking } from '../../departments/queries.ts'
import { getCalendar } from '../calendars/queries.ts'
import { applyToOpen } from '../rollout.ts'
import * as contract from './contract.ts'
import { POLICY_NAMES, getPolicy } from './queries.ts'

/** Puts the policy in front of the others, since the one that matches everything is the last. */
export const createPolicy = implement(
  contract.create,
  async (context, { policyId = context.newId(), value, applyTo }) => {
    const { tx, now } = context
    mustAnywhere(context.actor, 'sla.manage')
    mustBeFree(tx, POLICY_NAMES, { id: policyId, name: value.name })
    const versionId = context.newId()
    const first = await tx.selectFrom('slaPolicy').select('position').orderBy('position').executeTakeFirst()
    const position = (first?.position ?? 1) - 1
    await tx
      .insertInto('slaPolicy')
      .values({ id: policyId, position, isEnabled: 1, versionId, createdAt: now })
      .execute()
    await addVersion(context, { policyId, versionId, number: 1, value })
    const { name } = value
    tell(context, policyId, { type: 'sla-policy-created', payload: { name, versionId, applyTo } })
    return { policyId, versionId }
  },
)

export const editPolicy = implement(contract.edit, async (context, { policyId, value, applyTo }) => {
  mustAnywhere(context.actor, 'sla.manage')
  const { number: last } = await getPolicy(context.tx, policyId)
  mustBeFree(context.tx, POLICY_NAMES, { id: policyId, name: value.name })
  const [versionId, number] = [context.newId(), last + 1]
  await addVersion(context, { policyId, versionId, number, value })
  await context.tx.updateTable('slaPolicy').set({ versionId }).where('id', '=', policyId).execute()
  tell(context, policyId, { type: 'sla-policy-edited', payload: { name: value.name, versionId, number, applyTo } })
  return { policyId, versionId }
})

export const enablePolicy = implement(contract.enable, async (context, { policyId, isEnabled, applyTo }) => {
  mustAnywhere(context.actor, 'sla.manage')
  const policy = await getPolicy(context.tx, policyId)
  if (policy.isEnabled === isEnabled) {
    context.adjust('already-done', `The policy is already ${isEnabled ? 'enabled' : 'disabled'}.`)
    return
  }
  const change = { isEnabled: isEnabled ? 1 : 0 }
  await context.tx.updateTable('slaPolicy').set(change).where('id', '=', policyId).execute()
  const type = isEnabled ? 'sla-policy-enabled' : 'sla-policy-disabled'
  tell(context, policyId, { type, payload: { name: policy.value.name, applyTo } })
})

/** The order in which policies are asked; all of them are named. */
export const orderPolicies = implement(contract.order, async (context, { policyIds, applyTo }) => {
  mustAnywhere(context.actor, 'sla.manage')
  const rows = await context.tx.selectFrom('slaPolicy').select('id').execute()
  const known = new Set(rows.map(({ id }) => id))
  const named = new Set(policyIds)
  if (named.size !== policyIds.length || named.symmetricDifference(known).size > 0) {
    throw new Refusal('invalid', 'policyIds: list every policy exactly once.', 'Load the list again and reorder it.')
  }
  for (const [position, id] of policyIds.entries()) {
    await context.tx.updateTable('slaPolicy').set({ position }).where('id', '=', id).execute()
  }
  tell(context, policyIds[0] ?? '', { type: 'sla-policies-ordered', payload: { policyIds, applyTo } })
})

async function addVersion(
  { tx, now, actor }: CommandContext,
  { policyId, versionId, number, value }: { policyId: string; versionId: string; number: number; value: Policy },
): Promise<void> {
  const { id: calendarId } = await getCalendar(tx, value.calendarId)
  mustKnowAll(tx, value)
  const text = JSON.stringify(value)
  const row = { id: versionId, policyId, number, calendarId, value: text, createdAt: now, createdBy: actor.id }
  await tx.insertInto('slaPolicyVersion').values(row).execute()
}

/** Throws `Refusal` for an unknown department or person, and for a disabled department that would get tickets. */
function mustKnowAll(read: Read, { rules, levels }: Policy): void {
  for (const id of new Set(rules.flatMap(({ departmentId = [] }) => departmentId))) getDepartment(read, id)
  for (const { notify, reassign = 'queue' } of levels) {
    for (const each of notify) if (typeof each === 'object' && 'userId' in each) getPerson(read, each.userId)
    if (reassign === 'queue') continue
    if ('userId' in reassign) getPerson(read, reassign.userId)
    else getTaking(read, reassign.departmentId)
  }
}

function tell(
  context: CommandContext,
  policyId: string,
  fact: Fact<
    'sla-policy-created' | 'sla-policy-edited' | 'sla-policy-enabled' | 'sla-policy-disabled' | 'sla-policies-ordered'
  >,
): void {
  audit(context, { subject: 'sla-policy', subjectId: policyId, ...fact })
  if (fact.payload.applyTo === 'open') applyToOpen(context)
}

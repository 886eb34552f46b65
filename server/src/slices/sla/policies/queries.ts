/** Reading policies. */
import type { ParsedOf } from '@rejoin/shared/contract/operation.ts'
import type { Level, Policy } from '../engine/policy.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { mustAnywhere } from '../../accounts/queries.ts'
import type { NamedRows } from '../../../core/named.ts'
import type { Read } from '../../../core/storage/db.ts'
import type { QueryContext } from '../../../core/api/procedures.ts'
import { policyVersion, UnreadableVersion, versionsOf } from '../clocks/versions.ts'
import type { get, list, PresentPolicy } from './contract.ts'

export const POLICY_NAMES: NamedRows = {
  noun: 'policy',
  select: `select slaPolicy.id, slaPolicyVersion.value ->> 'name' as name
    from slaPolicy join slaPolicyVersion on slaPolicyVersion.id = slaPolicy.versionId
    where json_valid(slaPolicyVersion.value)`,
}

/** In their order, each in its present version. */
export async function presentPolicies(read: Read): Promise<PresentPolicy[]> {
  const rows = await read
    .selectFrom('slaPolicy')
    .innerJoin('slaPolicyVersion', 'slaPolicyVersion.id', 'slaPolicy.versionId')
    .select(['slaPolicy.id', 'position', 'isEnabled', 'versionId', 'number', 'value'])
    .orderBy('position')
    .orderBy('slaPolicy.id')
    .execute()
  return rows.flatMap((row) => {
    const value = findPolicyOf(read, row.versionId)
    return value === null ? [] : [{ ...row, isEnabled: row.isEnabled === 1, value }]
  })
}

/** Throws `Refusal('not-found')`. */
export async function getPolicy(read: Read, id: string): Promise<PresentPolicy> {
  const policy = (await presentPolicies(read)).find((each) => each.id === id)
  if (policy === undefined) throw new Refusal('not-found', `There is no policy with the id ${id}.`)
  return policy
}

/** The names of the policies that, at one of their levels, hand tickets to the department. */
export async function policiesHandingTo(read: Read, departmentId: string): Promise<string[]> {
  const hands = ({ reassign }: Level) =>
    typeof reassign === 'object' && 'departmentId' in reassign && reassign.departmentId === departmentId
  return (await presentPolicies(read)).filter(({ value }) => value.levels.some(hands)).map(({ value }) => value.name)
}

export async function policiesInOrder({ read, actor }: QueryContext, { limit, after }: ParsedOf<typeof list>) {
  mustAnywhere(actor, 'sla.read')
  const all = await presentPolicies(read)
  const isAfter = ({ position, id }: PresentPolicy) =>
    after === undefined || position > after.position || (position === after.position && id > after.id)
  return all.filter(isAfter).slice(0, limit)
}

/** With its versions, the newest first, a page of them. */
export async function policyById({ read, actor }: QueryContext, { policyId, limit, after }: ParsedOf<typeof get>) {
  mustAnywhere(actor, 'sla.read')
  const policy = await getPolicy(read, policyId)
  const versions = await versionsOf(read, 'slaPolicyVersion', { id: policyId, limit, after })
  return { ...policy, versions: versions.map((row) => ({ ...row, value: policyVersion(read, row.id).policy })) }
}

/** Null where the disk has damaged it, and there is none before it. */
function findPolicyOf(read: Read, versionId: string): Policy | null {
  try {
    return policyVersion(read, versionId).policy
  } catch (error) {
    if (error instanceof UnreadableVersion) return null
    throw error
  }
}

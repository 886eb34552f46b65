/**
 * Removing policies and calendars that nothing uses. What a ticket is or was measured by stays, with all its versions: its
 * clocks are computed from them, also years later.
 */
import { Refusal } from '@rejoin/shared/errors.ts'
import { mustAnywhere } from '../accounts/queries.ts'
import { audit } from '../../core/audit.ts'
import { implement } from '../../core/api/implement.ts'
import type { Read } from '../../core/storage/db.ts'
import { remove as calendarRemoval } from './calendars/contract.ts'
import { getCalendar } from './calendars/queries.ts'
import { policyVersion } from './clocks/versions.ts'
import { remove as policyRemoval } from './policies/contract.ts'
import { getPolicy } from './policies/queries.ts'

export const removePolicy = implement(policyRemoval, async (context, { policyId }) => {
  const { tx, actor } = context
  mustAnywhere(actor, 'sla.manage')
  const { name } = (await getPolicy(tx, policyId)).value
  if (policyId === 'default') throw builtIn(name, 'Disable it with sla.policies.enable instead.')
  await mustMeasureNothing(tx, policyId, name)
  // They refer to each other: the policy to its present version, each version to its policy.
  await tx.deleteFrom('slaPolicyVersion').where('policyId', '=', policyId).execute()
  await tx.deleteFrom('slaPolicy').where('id', '=', policyId).execute()
  audit(context, { type: 'sla-policy-removed', subject: 'sla-policy', subjectId: policyId, payload: { name } })
})

export const removeCalendar = implement(calendarRemoval, async (context, { calendarId }) => {
  const { tx, actor } = context
  mustAnywhere(actor, 'sla.manage')
  const { name } = await getCalendar(tx, calendarId)
  if (calendarId === 'always') throw builtIn(name, 'Give policies another calendar instead.')
  await mustServeNoPolicy(tx, calendarId, name)
  await tx.deleteFrom('slaCalendarVersion').where('calendarId', '=', calendarId).execute()
  await tx.deleteFrom('slaCalendar').where('id', '=', calendarId).execute()
  audit(context, { type: 'sla-calendar-removed', subject: 'sla-calendar', subjectId: calendarId, payload: { name } })
})

function builtIn(name: string, hint: string): Refusal {
  return new Refusal('conflict', `${name} is there from the beginning, and stays.`, hint)
}

/** Throws `Refusal('conflict')` where a ticket is or was measured by any version of the policy. */
async function mustMeasureNothing(read: Read, policyId: string, name: string): Promise<void> {
  const versions = read.selectFrom('slaPolicyVersion').select('id').where('policyId', '=', policyId)
  const measured = read
    .selectFrom('slaChoice')
    .innerJoin('ticket', 'ticket.id', 'slaChoice.ticketId')
    .where('policyVersion', 'in', versions)
    .select(({ fn }) => fn.count<number>('ticketId').distinct().as('tickets'))
    .select(({ fn }) => fn.min('number').as('first'))
  const { tickets, first } = await measured.executeTakeFirstOrThrow()
  if (tickets === 0) return
  const [are, others] = tickets === 1 ? ['is', ''] : ['are', ` and ${tickets - 1} more`]
  const message = `${first}${others} ${are} or ${tickets === 1 ? 'was' : 'were'} measured by ${name}.`
  throw new Refusal('conflict', message, 'Disable it with sla.policies.enable instead: then no other ticket gets it.')
}

/** Throws `Refusal('conflict')` where a version of a policy, and so any ticket, is measured by the calendar. */
async function mustServeNoPolicy(read: Read, calendarId: string, name: string): Promise<void> {
  const rows = await read
    .selectFrom('slaPolicyVersion')
    .innerJoin('slaPolicy', 'slaPolicy.id', 'slaPolicyVersion.policyId')
    .where('calendarId', '=', calendarId)
    .select(['policyId', 'slaPolicyVersion.id', 'slaPolicy.versionId as present'])
    .orderBy('position')
    .orderBy('slaPolicyVersion.id')
    .execute()
  if (rows.length === 0) return
  const users = [...Map.groupBy(rows, ({ policyId }) => policyId).values()].map((versions) => {
    const present = versions[0]?.present ?? ''
    const { name: policy } = policyVersion(read, present).policy
    return versions.some(({ id }) => id === present) ? policy : `an earlier version of ${policy}`
  })
  const shown = users.length > 5 ? `${users.slice(0, 5).join(', ')} and ${users.length - 5} more` : users.join(', ')
  const hint = 'Give these policies another calendar; a policy that had it keeps its earlier versions.'
  throw new Refusal('conflict', `Policies use ${name}: ${shown}.`, hint)
}

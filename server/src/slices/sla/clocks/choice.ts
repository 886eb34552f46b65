import { storedJson } from '../../../core/storage/stored-json.ts'
/** Which policy a ticket falls under now, and the record of why. */
import { sql } from 'kysely'
import { choosePolicy, type Facts } from '../engine/choose-policy.ts'
import type { Policy } from '../engine/policy.ts'
import type { CustomFields } from '@rejoin/shared/tickets/ticket.ts'
import type { CommandContext } from '../../../core/command.ts'
import type { Event } from '../../../core/events.ts'
import type { Read } from '../../../core/storage/db.ts'
import { insertRow, prepared } from '../../../core/storage/prepared.ts'
import { policyVersion, UnreadableVersion, workingTime, type Chosen } from './versions.ts'

/** A policy as it is offered to tickets that are chosen for now. */
export interface Candidate {
  readonly policyId: string
  readonly policyVersion: string
  readonly calendarVersion: string
  readonly rules: Policy['rules']
}

export interface Choice extends Chosen {
  /** The index of the rule that matched; null when none did. */
  readonly rule: number | null
}

/** The enabled policies in their order, each in its present version and that of its calendar. */
export function candidates(read: Read): Candidate[] {
  return enabledRows(read, {}).flatMap(({ policyId, versionId, calendarVersion }) => {
    const rules = rulesOf(read, { versionId, calendarVersion })
    return rules === null ? [] : [{ policyId, policyVersion: versionId, calendarVersion, rules }]
  })
}

/** Null for a policy that the disk has damaged: tickets go to the others. */
function rulesOf(read: Read, { versionId, calendarVersion }: { versionId: string; calendarVersion: string }) {
  try {
    workingTime(read, calendarVersion)
    return policyVersion(read, versionId).policy.rules
  } catch (error) {
    if (error instanceof UnreadableVersion) return null
    throw error
  }
}

/**
 * `kept`: the ticket's choice so far. A ticket that stays under its policy keeps its versions, since the administrator
 * who changes a policy says whether the change is for open tickets.
 */
export function choose(read: Read, offered: readonly Candidate[], facts: Facts, kept: Chosen | null): Choice {
  const { priority } = facts
  const match = choosePolicy(offered, facts)
  if (match === null) return { policyVersion: null, calendarVersion: null, priority, rule: null }
  const { policy, rule } = match
  const stays =
    kept?.policyVersion != null && policyVersion(read, kept.policyVersion).policyId === policy.policyId ? kept : policy
  return { policyVersion: stays.policyVersion, calendarVersion: stays.calendarVersion, priority, rule }
}

export function isSame(a: Chosen, b: Chosen): boolean {
  return a.policyVersion === b.policyVersion && a.calendarVersion === b.calendarVersion && a.priority === b.priority
}

export function recordChoice(
  { tx, now: recordedAt }: Pick<CommandContext, 'tx' | 'now'>,
  ticketId: string,
  { policyVersion, calendarVersion, priority, rule }: Choice,
  effectiveAt: number,
): void {
  const [last] = lastEvents(tx, { ticketId })
  const times = { effectiveAt, recordedAt, afterEvent: last?.id ?? 0 }
  insertRow(tx, 'slaChoice', { ticketId, ...times, policyVersion, calendarVersion, priority, rule })
}

/** When the last choice took effect, which the next one does not precede; a clock that was ahead delays it no more. */
export function lastChoiceAt({ tx, now }: Pick<CommandContext, 'tx' | 'now'>, ticketId: string): number {
  return Math.min(now, lastChoices(tx, { ticketId })[0]?.effectiveAt ?? 0)
}

const FACTS_OF_TICKET = new Set(['priority', 'type', 'category'])

/** Whether the event may bring its ticket under another policy. */
export function changesFacts({ type, payload }: Event): boolean {
  if (type !== 'ticket-edited') return type === 'ticket-moved' || type === 'tag-added' || type === 'tag-removed'
  return Object.keys(payload.to).some((name) => FACTS_OF_TICKET.has(name) || name.startsWith('custom.'))
}

/** The facts of the ticket, as it is now, that rules ask for. Throws when there is no such ticket. */
export function factsOf(read: Read, ticketId: string): Facts {
  const [ticket] = ticketRows(read, { ticketId })
  if (ticket === undefined) throw new Error(`There is no ticket ${ticketId}.`)
  const tags = tagRows(read, { ticketId }).map(({ tag }) => tag)
  return {
    ...ticket,
    tags,
    custom: storedJson<CustomFields>(read, ticket.custom, `The custom fields of ${ticketId}`, {}),
  }
}

type OfTicket = { readonly ticketId: string }

const enabledRows = prepared()((read) =>
  read
    .selectFrom('slaPolicy')
    .innerJoin('slaPolicyVersion', 'slaPolicyVersion.id', 'slaPolicy.versionId')
    .innerJoin('slaCalendar', 'slaCalendar.id', 'slaPolicyVersion.calendarId')
    .select(['slaPolicy.id as policyId', 'slaPolicy.versionId', 'slaCalendar.versionId as calendarVersion'])
    .where('isEnabled', '=', 1)
    .orderBy('position')
    .orderBy('slaPolicy.id'),
)

const ticketRows = prepared<OfTicket>()((read, param) =>
  read
    .selectFrom('ticket')
    .innerJoin('user', 'user.id', 'requesterId')
    .select(['priority', 'type', 'category', 'departmentId', 'custom', 'organisation'])
    .where('ticket.id', '=', param('ticketId')),
)

const tagRows = prepared<OfTicket>()((read, param) =>
  read.selectFrom('ticketTag').select('tag').where('ticketId', '=', param('ticketId')),
)

const lastEvents = prepared<OfTicket>()((read, param) =>
  read
    .selectFrom('event')
    .select('id')
    .where('subjectId', '=', param('ticketId'))
    .orderBy('id', 'desc')
    .limit(sql.lit(1)),
)

const lastChoices = prepared<OfTicket>()((read, param) =>
  read
    .selectFrom('slaChoice')
    .select('effectiveAt')
    .where('ticketId', '=', param('ticketId'))
    .orderBy('id', 'desc')
    .limit(sql.lit(1)),
)

/** Versions of policies and calendars as values. A version never changes, so it is read once and kept. */
import { sql } from 'kysely'
import { Calendar } from '@rejoin/shared/sla/calendar.ts'
import { Policy } from '../engine/policy.ts'
import { termsOf, type Terms } from '../engine/terms.ts'
import { WorkingTime } from '@rejoin/shared/sla/working-time.ts'
import type { Priority } from '@rejoin/shared/priority.ts'
import type { Read } from '../../../core/storage/db.ts'
import { prepared } from '../../../core/storage/prepared.ts'
import { lru } from '../../../core/runtime/lru.ts'
import { parsedAs } from '../../../core/storage/stored-json.ts'

/** The versions by which the clocks of a ticket are measured; without a policy there are none. */
export interface Chosen {
  readonly policyVersion: string | null
  readonly calendarVersion: string | null
  readonly priority: Priority
}

interface PolicyVersion {
  readonly policyId: string
  readonly policy: Policy
}

const policies = lru<string, PolicyVersion>(500)
const calendars = lru<string, WorkingTime>(100)
const terms = lru<string, Terms>(1000)

/**
 * The first of `rows`, a version and those before it, that can be read: where the disk has damaged one, tickets are
 * measured by the one before. Throws `UnreadableVersion` where none can be: work of devices on such a ticket parks.
 */
function soundValue<Value>(
  read: Read,
  rows: readonly { value: string }[],
  what: string,
  parse: (json: unknown) => Value,
): Value {
  for (const { value } of rows) {
    const found = parsedAs(read, value, what, parse)
    if (found !== null) return found
  }
  throw new UnreadableVersion(`${what} is damaged in the database, and no earlier version can be read.`)
}

export class UnreadableVersion extends Error {}

/** Throws when there is no such version, which foreign keys rule out. */
export function policyVersion(read: Read, id: string): PolicyVersion {
  const known = policies.get(id)
  if (known !== undefined) return known
  const [row] = policyRows(read, { id })
  if (row === undefined) throw new Error(`There is no policy version ${id}.`)
  const rows = policiesUpTo(read, { owner: row.policyId, number: row.number })
  const policy = soundValue(read, rows, `Version ${id} of an SLA policy`, (json) => Policy.parse(json))
  const version = { policyId: row.policyId, policy }
  policies.set(id, version)
  return version
}

export function workingTime(read: Read, id: string): WorkingTime {
  const known = calendars.get(id)
  if (known !== undefined) return known
  const [row] = calendarRows(read, { id })
  if (row === undefined) throw new Error(`There is no calendar version ${id}.`)
  const rows = calendarsUpTo(read, { owner: row.calendarId, number: row.number })
  const working = soundValue(read, rows, `Version ${id} of a calendar`, (json) => new WorkingTime(Calendar.parse(json)))
  calendars.set(id, working)
  return working
}

export function termsFor(read: Read, { policyVersion: policy, calendarVersion, priority }: Chosen): Terms | null {
  if (policy === null || calendarVersion === null) return null
  const key = `${policy} ${calendarVersion} ${priority}`
  const known = terms.get(key)
  if (known !== undefined) return known
  const versions = { policyVersion: policy, calendarVersion, working: workingTime(read, calendarVersion) }
  const made = termsOf(policyVersion(read, policy).policy, priority, versions)
  terms.set(key, made)
  return made
}

/** The column that names the policy or the calendar of a version. */
const OWNER = { slaPolicyVersion: 'policyId', slaCalendarVersion: 'calendarId' } as const

const policiesUpTo = upTo('slaPolicyVersion')
const calendarsUpTo = upTo('slaCalendarVersion')

/** The version with a number and those before it, the newest first. */
function upTo(table: keyof typeof OWNER) {
  return prepared<{ owner: string; number: number }>()((read, param) =>
    read
      .selectFrom(table)
      .select('value')
      .where(sql.ref(OWNER[table]), '=', param('owner'))
      .where('number', '<=', param('number'))
      .orderBy('number', 'desc'),
  )
}

/** A page of the versions of a policy or a calendar, the newest first, without their values. */
export function versionsOf(
  read: Read,
  table: keyof typeof OWNER,
  { id, limit, after }: { id: string; limit: number; after?: { number: number } | undefined },
) {
  return read
    .selectFrom(table)
    .select(['id', 'number', 'createdAt', 'createdBy'])
    .where(sql.ref(OWNER[table]), '=', id)
    .where('number', '<', after?.number ?? Number.MAX_SAFE_INTEGER)
    .orderBy('number', 'desc')
    .limit(limit)
    .execute()
}

const policyRows = prepared<{ id: string }>()((read, param) =>
  read.selectFrom('slaPolicyVersion').select(['policyId', 'number']).where('id', '=', param('id')),
)

const calendarRows = prepared<{ id: string }>()((read, param) =>
  read.selectFrom('slaCalendarVersion').select(['calendarId', 'number']).where('id', '=', param('id')),
)

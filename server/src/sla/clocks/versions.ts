/** Versions of policies and calendars as values. They never change, so what was read once is kept. */
import { Calendar } from '@rejoin/shared/sla/calendar.ts'
import { Policy } from '@rejoin/shared/sla/policy.ts'
import { termsOf, type Terms } from '@rejoin/shared/sla/terms.ts'
import { WorkingTime } from '@rejoin/shared/sla/working-time.ts'
import type { Priority } from '@rejoin/shared/priority.ts'
import type { Read } from '../../core/db.ts'
import { prepared } from '../../core/prepared.ts'
import { recent } from '../../core/recent.ts'

/** By what the clocks of a ticket are measured; without a policy there are none. */
export interface Chosen {
  readonly policyVersion: string | null
  readonly calendarVersion: string | null
  readonly priority: Priority
}

interface PolicyVersion {
  readonly policyId: string
  readonly policy: Policy
}

const policies = recent<string, PolicyVersion>(500)
const calendars = recent<string, WorkingTime>(100)
const terms = recent<string, Terms>(1000)

/** Throws when there is no such version, which foreign keys rule out. */
export function policyVersion(read: Read, id: string): PolicyVersion {
  const known = policies.get(id)
  if (known !== undefined) return known
  const [row] = policyRows(read, { id })
  if (row === undefined) throw new Error(`There is no policy version ${id}.`)
  const version = { policyId: row.policyId, policy: Policy.parse(JSON.parse(row.value)) }
  policies.set(id, version)
  return version
}

export function workingTime(read: Read, id: string): WorkingTime {
  const known = calendars.get(id)
  if (known !== undefined) return known
  const [row] = calendarRows(read, { id })
  if (row === undefined) throw new Error(`There is no calendar version ${id}.`)
  const working = new WorkingTime(Calendar.parse(JSON.parse(row.value)))
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

const policyRows = prepared<{ id: string }>()((read, param) =>
  read.selectFrom('slaPolicyVersion').select(['policyId', 'value']).where('id', '=', param('id')),
)

const calendarRows = prepared<{ id: string }>()((read, param) =>
  read.selectFrom('slaCalendarVersion').select('value').where('id', '=', param('id')),
)

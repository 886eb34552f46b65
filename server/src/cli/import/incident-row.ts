/**
 * One row of a ServiceNow incident log, cell by cell, and its meaning here. The keys are the log's own columns, so that
 * a fault of a row is named like in the file.
 */
import { z } from 'zod'
import { categoryOf } from '@rejoin/shared/statuses.ts'
import { composed, nameFault } from '@rejoin/shared/names.ts'
import { PRIORITIES, STATES } from './words.ts'
import { timeOf, type DateOrder } from './written-time.ts'

/** A cell's text with single spaces; `?` is the log's mark for an empty one. */
const Cell = z.string().transform((text) => {
  const trimmed = composed(text).trim().replaceAll(/\s+/g, ' ')
  return trimmed === '' || trimmed === '?' ? null : trimmed
})

const Text = Cell.pipe(z.string().max(120, 'is longer than 120 characters').nullable())
/** The name of a person or a department. */
const Named = Text.superRefine((text, context) => {
  const fault = text === null ? null : nameFault(text)
  if (fault !== null) context.addIssue({ code: 'custom', message: fault })
})
const Required = Cell.pipe(z.string('is missing').max(120, 'is longer than 120 characters'))
const State = Required.refine((state) => Object.hasOwn(STATES, state), { error: notOneOf(STATES) })
const Urgency = Cell.refine((text) => text === null || Object.hasOwn(PRIORITIES, text), { error: notOneOf(PRIORITIES) })
const Count = Cell.pipe(
  z
    .string('is missing')
    .regex(/^\d{1,9}$/, 'is not a whole number')
    .transform(Number),
)
const Time = Cell.transform((text, context) => {
  const at = text === null ? null : timeOf(text)
  if (typeof at !== 'string') return at
  context.addIssue({ code: 'custom', message: at })
  return z.NEVER
})
const RequiredTime = Time.pipe(z.number('is missing'))

const Columns = z.object({
  number: Required,
  incident_state: State,
  reopen_count: Count,
  sys_mod_count: Count,
  caller_id: Named,
  opened_by: Named,
  opened_at: RequiredTime,
  sys_updated_by: Named,
  sys_updated_at: RequiredTime,
  contact_type: Text,
  location: Text,
  category: Text,
  subcategory: Text,
  u_symptom: Text.optional(),
  priority: Urgency,
  assignment_group: Named,
  assigned_to: Named,
  closed_code: Text.optional(),
  resolved_by: Named,
  resolved_at: Time,
  closed_at: Time,
})

/** The columns that a file must have. */
export const NEEDED_COLUMNS = Object.entries(Columns.shape)
  .filter(([, cell]) => !cell.safeParse(undefined).success)
  .map(([name]) => name)

export const IncidentRow = Columns.transform((row, context) => {
  const status = STATES[row.incident_state] ?? 'open'
  const requester = row.caller_id ?? row.opened_by ?? row.sys_updated_by
  if (requester === null) {
    context.addIssue({ code: 'custom', path: ['caller_id'], message: 'is missing, and no other person is named' })
    return z.NEVER
  }
  return {
    number: row.number,
    /** How many changes the incident had; with the number and the time it names the update. */
    change: row.sys_mod_count,
    at: row.sys_updated_at,
    by: row.sys_updated_by,
    title: [row.number, row.u_symptom ?? row.subcategory ?? row.category ?? 'incident'].join(': '),
    status,
    statusReason: categoryOf(status) === 'waiting' ? row.incident_state : null,
    /** Null if the log names none. */
    priority: row.priority === null ? null : (PRIORITIES[row.priority] ?? null),
    category: row.category,
    subcategory: row.subcategory,
    site: row.location,
    contactType: row.contact_type,
    requester,
    department: row.assignment_group,
    assignee: row.assigned_to,
    openedBy: row.opened_by,
    openedAt: row.opened_at,
    resolvedBy: row.resolved_by,
    resolvedAt: row.resolved_at,
    closedAt: row.closed_at,
    resolution: row.closed_code ?? null,
    reopenCount: row.reopen_count,
  }
})
export type IncidentUpdate = z.output<typeof IncidentRow>

const TIMES = ['opened_at', 'sys_updated_at', 'resolved_at', 'closed_at'] as const

/** The cells with their times in ISO 8601, for a log with this order of dates; or the first cell that holds no time. */
export function withDates(
  cells: Readonly<Record<string, string>>,
  order: DateOrder,
): { readonly cells: Readonly<Record<string, string>> } | { readonly field: string; readonly reason: string } {
  const dated: Record<string, string> = { ...cells }
  for (const field of TIMES) {
    const text = Cell.parse(cells[field] ?? '')
    const at = text === null ? null : timeOf(text, order)
    if (typeof at === 'string') return { field, reason: at }
    if (at !== null) dated[field] = new Date(at).toISOString()
  }
  return { cells: dated }
}

function notOneOf(known: Readonly<Record<string, unknown>>) {
  return ({ input }: { input?: unknown }) => `${JSON.stringify(input)} is not one of ${Object.keys(known).join(', ')}`
}

/** The shapes that recur: the page describes each once, under its name. */
import type { z } from 'zod'
import { GrantsInput, GrantsView } from '@rejoin/shared/access/custom-roles.ts'
import { TokenScope } from '@rejoin/shared/access/access.ts'
import { Calendar, Closure, Weekday } from '@rejoin/shared/sla/calendar.ts'
import { ClockTerms } from '@rejoin/shared/sla/clock-view.ts'
import { ClockView, Metric } from '@rejoin/shared/sla/metric.ts'
import { Status } from '@rejoin/shared/statuses.ts'
import { Comment, CustomFields, Watcher, WorkLog } from '@rejoin/shared/tickets/ticket.ts'
import { Level, Policy, Recipient, Rule } from '@rejoin/server/slices/sla/engine/policy.ts'
import { Summary } from '@rejoin/server/slices/tickets/contract.ts'
import { definition, keyOf, nodeOf } from './shape.ts'

/** What callers send is described as they send it: where a field may be left out, answers have its default. */
const SENT: Readonly<Record<string, z.ZodType>> = {
  Action: TokenScope,
  Calendar,
  Closure,
  CustomFields,
  Grants: GrantsInput,
  Level,
  Metric,
  Policy,
  Recipient,
  Rule,
  Status,
  Weekday,
}

const ANSWERED: Readonly<Record<string, z.ZodType>> = {
  Clock: ClockView,
  ClockTerms,
  Comment,
  Grants: GrantsView,
  TicketSummary: Summary,
  Watcher,
  WorkLog,
}

const sent = Object.entries(SENT).map(([name, schema]) => ({ name, node: nodeOf(schema, 'input') }))
const answered = Object.entries({ ...SENT, ...ANSWERED }).map(([name, schema]) => ({
  name,
  node: nodeOf(schema, 'output'),
}))

/** By key. */
export const NAMES: ReadonlyMap<string, string> = new Map(
  [...sent, ...answered].map(({ name, node }) => [keyOf(node), name]),
)

const SHAPES = [...new Map([...answered, ...sent].map((shape) => [shape.name, shape])).values()].toSorted(
  (left, right) => left.name.localeCompare(right.name),
)

/** Those that `text` names, and those that these name. */
export function definitionsFor(text: string): string[] {
  const known = SHAPES.map(({ name, node }) => ({ name, text: `type ${name} = ${definition(node, NAMES)}` }))
  const needed = new Set<string>()
  const texts = [text]
  for (const each of texts) {
    for (const shape of known) {
      if (needed.has(shape.name) || !new RegExp(`\\b${shape.name}\\b`).test(each)) continue
      needed.add(shape.name)
      texts.push(shape.text)
    }
  }
  return known.filter(({ name }) => needed.has(name)).map((shape) => shape.text)
}

import { z } from 'zod'
import { Id } from '@rejoin/shared/tickets/ticket.ts'
import { mutation, query, reportOf, router } from '../../core/api/procedures.ts'
import { createCalendar, editCalendar, importHolidays } from './calendars/commands.ts'
import { calendarById, CalendarPage, calendarsByName, OneCalendar } from './calendars/queries.ts'
import { acknowledgeClock, excuseClock } from './commands.ts'
import { createPolicy, editPolicy, enablePolicy, orderPolicies } from './policies/commands.ts'
import { PolicyChange } from './policies/change.ts'
import { OnePolicy, policiesInOrder, policyById, PolicyPage } from './policies/queries.ts'
import { Check, MetricsRange } from './reports/asked.ts'
import { slaConfig } from './reports/check.ts'
import { explainTicket } from './reports/explain.ts'
import { removeCalendar, removePolicy } from './removal.ts'
import { checkReport, metricsReport, previewReport } from './reports/tasks.ts'

export const sla = router({
  explain: query(z.object({ ticketId: Id }), explainTicket),
  check: reportOf(Check, checkReport),
  metrics: reportOf(MetricsRange, metricsReport),
  config: query(z.void(), slaConfig),
  acknowledge: mutation(acknowledgeClock),
  excuse: mutation(excuseClock),
  calendars: router({
    list: query(CalendarPage, calendarsByName),
    get: query(OneCalendar, calendarById),
    create: mutation(createCalendar),
    edit: mutation(editCalendar),
    importHolidays: mutation(importHolidays),
    remove: mutation(removeCalendar),
  }),
  policies: router({
    list: query(PolicyPage, policiesInOrder),
    get: query(OnePolicy, policyById),
    create: mutation(createPolicy),
    edit: mutation(editPolicy),
    enable: mutation(enablePolicy),
    order: mutation(orderPolicies),
    remove: mutation(removePolicy),
    preview: reportOf(PolicyChange, previewReport),
  }),
})

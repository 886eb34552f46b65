/** The API of service levels. */
import { answer, answerByReport } from '../../core/api/implement.ts'
import { router } from '../../core/api/procedures.ts'
import { proceduresOf } from '../../core/api/router-of.ts'
import { createCalendar, editCalendar, importHolidays } from './calendars/commands.ts'
import * as calendars from './calendars/contract.ts'
import { calendarById, calendarsByName } from './calendars/queries.ts'
import { acknowledgeClock, excuseClock } from './commands.ts'
import { createPolicy, editPolicy, enablePolicy, orderPolicies } from './policies/commands.ts'
import * as policies from './policies/contract.ts'
import { policiesInOrder, policyById } from './policies/queries.ts'
import { removeCalendar, removePolicy } from './removal.ts'
import { slaConfig } from './reports/check.ts'
import * as reports from './reports/contract.ts'
import { explainTicket } from './reports/explain.ts'
import { checkReport, metricsReport, previewReport } from './reports/tasks.ts'

export const sla = router({
  ...proceduresOf({
    explain: answer(reports.explain, explainTicket),
    check: answerByReport(reports.check, checkReport),
    metrics: answerByReport(reports.metrics, metricsReport),
    config: answer(reports.config, slaConfig),
    acknowledge: acknowledgeClock,
    excuse: excuseClock,
  }),
  calendars: router(
    proceduresOf({
      list: answer(calendars.list, calendarsByName),
      get: answer(calendars.get, calendarById),
      create: createCalendar,
      edit: editCalendar,
      importHolidays,
      remove: removeCalendar,
    }),
  ),
  policies: router(
    proceduresOf({
      list: answer(policies.list, policiesInOrder),
      get: answer(policies.get, policyById),
      create: createPolicy,
      edit: editPolicy,
      enable: enablePolicy,
      order: orderPolicies,
      remove: removePolicy,
      preview: answerByReport(policies.preview, previewReport),
    }),
  ),
})

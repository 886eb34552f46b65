import { z } from 'zod'
import { mutation, query, router } from '../core/trpc.ts'
import { createCalendar, editCalendar, importHolidays } from './calendars/commands.ts'
import { calendarById, CalendarId, calendarsByName } from './calendars/queries.ts'
import { createPolicy, editPolicy, enablePolicy, orderPolicies } from './policies/commands.ts'
import { PolicyChange, previewChange } from './policies/preview.ts'
import { policiesInOrder, policyById, PolicyId } from './policies/queries.ts'

export const sla = router({
  calendars: router({
    list: query(z.void(), calendarsByName),
    get: query(z.object({ calendarId: CalendarId }), calendarById),
    create: mutation(createCalendar),
    edit: mutation(editCalendar),
    importHolidays: mutation(importHolidays),
  }),
  policies: router({
    list: query(z.void(), policiesInOrder),
    get: query(z.object({ policyId: PolicyId }), policyById),
    create: mutation(createPolicy),
    edit: mutation(editPolicy),
    enable: mutation(enablePolicy),
    order: mutation(orderPolicies),
    preview: query(PolicyChange, previewChange),
  }),
})

/** Changing fields of a ticket. */
import { z } from 'zod'
import { both } from '../../contract/on-device.ts'
import { EditableFields } from '../ticket.ts'
import { declare, OnTicket } from './on-ticket.ts'

export const editTicket = declare({
  name: 'ticket.edit',
  input: OnTicket.extend({
    set: EditableFields.refine((set) => Object.keys(set).length > 0, 'names no field to change'),
  }),
  output: z.void(),
  action: 'ticket.edit',
  codes: ['conflict', 'superseded', 'too-large'],
  buildsOn: ({ set }) => both(...aspectsOf(set)),
  predict(view, { set: { custom, ...fields } }) {
    return withoutUndefined({ ...fields, ...(custom && { custom: { ...view.custom, ...custom } }) })
  },
  rest: 'PATCH /tickets/{ticketId}',
  answer: 'tickets.get',
  doc: 'Changes fields of a ticket. Concurrent changes are settled field by field: the later one stands, and a higher priority is not lowered by somebody who did not see it.',
})

/** Custom fields are settled one by one, so they depend one by one. */
function aspectsOf({ custom = {}, ...fields }: EditableFields): string[] {
  return [...Object.keys(fields), ...Object.keys(custom).map((name) => `custom.${name}`)]
}

function withoutUndefined<Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields
}

/**
 * Commands that were made under an earlier schema, brought to today's. A device sends each command as its author made
 * it, however old; the server upcasts it before it is parsed, and the device does before it predicts.
 *
 * 1. A step is pure, and knows nothing of later ones.
 * 2. It leaves alone what it does not know, and inputs that are not what they should be: the schema refuses those.
 * 3. A released step is never edited.
 */
export interface Named {
  readonly name: string
  readonly input?: unknown
}

type Step = (command: Named) => Named

/** From schema 1 to 2, from 2 to 3, and so on. */
const STEPS: readonly Step[] = [toSchema2, toSchema3]

/** The version of the command schemas that this program speaks. */
export const SCHEMA_VERSION = STEPS.length + 1

/** `command`, made under `schema`, as it would be made today. */
export function upcast<Command extends Named>(command: Command, schema: number): Command {
  const { name, input } = STEPS.slice(schema - 1).reduce<Named>((earlier, step) => step(earlier), command)
  return { ...command, name, input }
}

/** In schema 1 these fields could be null as well as left out. Now null only ever clears a field, in `ticket.edit`. */
const NULL_BEFORE_2: Readonly<Record<string, readonly string[]>> = {
  'ticket.create': ['category', 'subcategory', 'dueAt', 'estimateMinutes', 'site'],
  'work.log': ['note'],
}

function toSchema2(command: Named): Named {
  const { name, input } = command
  const fields = NULL_BEFORE_2[name] ?? []
  if (typeof input !== 'object' || input === null || fields.length === 0) return command
  return {
    name,
    input: Object.fromEntries(
      Object.entries(input).filter(([field, value]) => value !== null || !fields.includes(field)),
    ),
  }
}

const EDITABLE_BEFORE_3 =
  'title priority type category subcategory dueAt estimateMinutes site skills custom description'.split(' ')

/** In schema 2 a field that no command has was dropped without a word. Now it is refused. */
const FIELDS_BEFORE_3: Readonly<Record<string, readonly string[]>> = {
  'ticket.create': ['ticketId', 'tags', 'departmentId', 'requesterId', ...EDITABLE_BEFORE_3],
  'ticket.edit': ['ticketId', 'set'],
  'ticket.claim': ['ticketId'],
  'ticket.assign': ['ticketId', 'agentId'],
  'ticket.unassign': ['ticketId'],
  'ticket.move': ['ticketId', 'departmentId'],
  'ticket.transition': ['ticketId', 'to', 'reason'],
  'ticket.resolve': ['ticketId', 'resolution'],
  'ticket.reopen': ['ticketId', 'reason'],
  'ticket.close': ['ticketId'],
  'ticket.cancel': ['ticketId', 'reason'],
  'ticket.tag': ['ticketId', 'tag'],
  'ticket.untag': ['ticketId', 'tag'],
  'ticket.watch': ['ticketId', 'userId'],
  'ticket.unwatch': ['ticketId', 'userId'],
  'comment.add': ['ticketId', 'commentId', 'body', 'visibility'],
  'work.log': ['ticketId', 'workId', 'minutes', 'note'],
  'text.write': ['ticketId', 'update'],
  'parked.withdraw': ['commandId'],
}

function toSchema3(command: Named): Named {
  const { name, input } = command
  const fields = FIELDS_BEFORE_3[name]
  if (fields === undefined || !isRecord(input)) return command
  const { set, skills, ...rest } = only(input, fields)
  return {
    name,
    input: {
      ...rest,
      ...(set !== undefined && { set: isRecord(set) ? withSkills(only(set, EDITABLE_BEFORE_3)) : set }),
      ...(skills !== undefined && withSkills({ skills })),
    },
  }
}

function withSkills(fields: Fields): Fields {
  const { skills } = fields
  if (!Array.isArray(skills)) return fields
  return { ...fields, skills: skills.map((each: unknown) => (isRecord(each) ? only(each, ['name', 'level']) : each)) }
}

type Fields = Readonly<Record<string, unknown>>

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

function only(value: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)))
}

/**
 * The commands that people and devices send about tickets: one name, one input schema, and what the command would
 * change, for every door and for the device's prediction. What a command does is in the server's slices. A change that
 * refuses what was taken before is a new version of the schemas, and a step of `upcast.ts`.
 */
import { z } from 'zod'
import { Status } from '../statuses.ts'
import { Priority } from '../priority.ts'
import {
  Body,
  CategoryName,
  CustomFields,
  Description,
  EditableFields,
  Id,
  Instant,
  MAX_TAGS,
  Reason,
  Site,
  Skill,
  Tag,
  TicketType,
  Title,
  Visibility,
} from './ticket.ts'

const onTicket = z.object({ ticketId: Id })

/** A Yjs update (v1) as bytes; base64 where a frame is JSON. */
export const Update = z.union([
  z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'is neither bytes nor base64'),
  z.base64().transform((text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0))),
])

export const CreateTicket = z.object({
  /** Minted by the author (UUIDv7), so that a ticket created offline cannot be created twice. */
  ticketId: Id,
  title: Title,
  description: Description.default(''),
  priority: Priority.default('medium'),
  type: TicketType.default('incident'),
  category: CategoryName.optional(),
  subcategory: CategoryName.optional(),
  tags: z.array(Tag).max(MAX_TAGS).default([]),
  departmentId: Id.optional(),
  /** Who asked, when it is not the author; staff only. */
  requesterId: z.string().optional(),
  dueAt: Instant.optional(),
  estimateMinutes: z.int().min(0).max(100_000).optional(),
  site: Site.optional(),
  skills: z.array(Skill).max(20).default([]),
  custom: CustomFields.default({}),
})

export const EditTicket = onTicket.extend({
  set: EditableFields.refine((set) => Object.keys(set).length > 0, 'names no field to change'),
})

/** A Yjs update that touches only the document's texts (`description`, `notes`). */
export const WriteText = onTicket.extend({ update: Update })

export const AddComment = onTicket.extend({ commentId: Id, body: Body, visibility: Visibility.default('public') })

export const LogWork = onTicket.extend({
  workId: Id,
  minutes: z.int().min(1).max(10_080),
  note: Reason.optional(),
})

export const OnTicket = onTicket
export const AssignTicket = onTicket.extend({ agentId: z.string().min(1) })
export const MoveTicket = onTicket.extend({ departmentId: Id })
export const TransitionTicket = onTicket.extend({ to: Status, reason: Reason.optional() })
export const ResolveTicket = onTicket.extend({ resolution: Body })
export const WithReason = onTicket.extend({ reason: Reason.optional() })
export const TagTicket = onTicket.extend({ tag: Tag })
/** Without `userId`, the author. */
export const WatchTicket = onTicket.extend({ userId: z.string().min(1).optional() })

/** Takes back one's own command that is parked. */
export const WithdrawParked = z.object({ commandId: Id })

/** Every command that a device may queue offline and send by `/sync`. */
export const DEVICE_COMMANDS = {
  'ticket.create': CreateTicket,
  'ticket.edit': EditTicket,
  'ticket.claim': OnTicket,
  'ticket.assign': AssignTicket,
  'ticket.unassign': OnTicket,
  'ticket.move': MoveTicket,
  'ticket.transition': TransitionTicket,
  'ticket.resolve': ResolveTicket,
  'ticket.reopen': WithReason,
  'ticket.close': OnTicket,
  'ticket.cancel': WithReason,
  'ticket.tag': TagTicket,
  'ticket.untag': TagTicket,
  'ticket.watch': WatchTicket,
  'ticket.unwatch': WatchTicket,
  'comment.add': AddComment,
  'work.log': LogWork,
  'text.write': WriteText,
  'parked.withdraw': WithdrawParked,
} as const

export type DeviceCommandName = keyof typeof DEVICE_COMMANDS
/** The commands that are about a ticket, and name it. */
export type TicketCommandName = Exclude<DeviceCommandName, 'parked.withdraw'>

/** What an author writes, before defaults. */
export type InputOf<Name extends DeviceCommandName> = z.input<(typeof DEVICE_COMMANDS)[Name]>
/** What a command runs on, after defaults. */
export type ParsedOf<Name extends DeviceCommandName> = z.output<(typeof DEVICE_COMMANDS)[Name]>

export function isDeviceCommand(name: string): name is DeviceCommandName {
  return Object.hasOwn(DEVICE_COMMANDS, name)
}

/**
 * The frames of `/sync`, as schemas; `encoding.ts` has their two encodings. A frame that does not parse is answered
 * with an `error` frame, never dropped. See `docs/wire.md`.
 */
import { z } from 'zod'
import { Role, type Grants } from '../access/access.ts'
import { Update } from '../tickets/commands/text.ts'
import { Id, Instant } from '../values.ts'
import { Contact, DeviceTime } from './time.ts'
import { Verdict } from './verdicts.ts'

/** The subprotocol of `/sync`; a token travels beside it as `bearer.<token>`. */
export const SUBPROTOCOL = 'rejoin.v1'
export const BEARER_PREFIX = 'bearer.'
/** The most calls in one batch of `/trpc`; each counts as a request. */
export const MAX_CALLS = 20
/** The most commands in one exchange; a longer outbox goes in several. */
export const MAX_COMMANDS = 500
/** The most earlier commands that one command names as its basis. */
export const MAX_BASIS = 50
/** The most documents that a device names as held; it drops the others, or gets them whole. */
export const MAX_HELD = 20_000
/** The most positions that a device remembers, for the day on which the server does not know the latest. */
export const MAX_LOG_POSITIONS = 24

export const QueuedCommand = z.object({
  id: Id,
  name: z.string().min(1).max(60),
  /** The version of the command schemas under which it was made. Absent: that of its exchange. */
  schema: z.int().min(1).optional(),
  /** Judged by the command's own schema, so that a bad input refuses its command and not the frame. */
  input: z.unknown().optional(),
  at: DeviceTime,
  /** The device's cursor when the author acted: the changes they could have seen. */
  seen: z.int().min(0),
  /** Commands of one group are judged as one, and travel in one exchange. */
  group: Id.optional(),
  /** The earlier commands that it builds on, of those undecided when the author acted. Absent: see `docs/wire.md`. */
  after: z.array(Id).max(MAX_BASIS).optional(),
})
export type QueuedCommand = z.infer<typeof QueuedCommand>

/** A command that was decided before and may be lost: the server was restored from a backup. */
export const OfferedCommand = QueuedCommand.extend({
  /** When it took effect, by the server's clock, as its author's device worked out when it was decided. */
  effectiveAt: Instant,
  /** It was refused, so it is not judged anew: the answer is its verdict where the server knows one. */
  refused: z.literal(true).optional(),
})
export type OfferedCommand = z.infer<typeof OfferedCommand>

/** A position in the server's log: the cursor of a commit, and the random tag under which it was made. */
export const LogPosition = z.object({ cursor: z.int().min(0), tag: z.string().max(40) })
export type LogPosition = z.infer<typeof LogPosition>

/** A document that the device has, with a Yjs snapshot of its state. Without one, it wants the whole document. */
export const HeldDocument = z.object({ ticketId: Id, snapshot: Update.optional() })
export type HeldDocument = z.infer<typeof HeldDocument>

/** How a device begins a connection: its number, and a random mark that no copy of the store draws again. */
export const Greeting = z.tuple([z.int().min(1), z.int().min(0)])
export type Greeting = z.infer<typeof Greeting>

/** The identity of a device: its id, and the incarnation of its store. */
export const Incarnation = z.object({ device: Id, incarnation: z.int().min(1) })
export type Incarnation = z.infer<typeof Incarnation>

export const Exchange = z.object({
  type: z.literal('exchange'),
  device: Id,
  /** The incarnation of its store, as the server gave it; 0 before it did. */
  incarnation: z.int().min(0),
  /** Without it, nobody notices that the store was copied or rolled back. */
  greeting: Greeting.optional(),
  /** In the first greeting of an incarnation after `cloned-device`: the device's id before. */
  former: Id.optional(),
  /** The version of the command schemas that the device speaks. */
  schema: z.int().min(1),
  clock: DeviceTime,
  /** Earlier contacts, for commands made in a boot that has ended since. */
  contacts: z.array(Contact).max(50).default([]),
  /** Where the device stands: absent before its first batch. */
  epoch: z.string().max(40).optional(),
  cursor: z.int().min(0).default(0),
  tag: z.string().max(40).optional(),
  commands: z.array(QueuedCommand).max(MAX_COMMANDS).default([]),
  /** The lowest `seen` of the commands that wait and are not in this exchange; absent: none waits. */
  waitingSeen: z.int().min(0).optional(),
  /** Reconciling, in this order, each in an exchange of its own: where the device has been, newest first. */
  places: z.array(LogPosition).max(MAX_LOG_POSITIONS).optional(),
  /**
   * The commands decided since the common position, in the order of their making; over several exchanges if need be.
   */
  offered: z.array(OfferedCommand).max(MAX_COMMANDS).optional(),
  /** The documents it holds; all commands are offered, and it wants to be brought up to date. */
  held: z.array(HeldDocument).max(MAX_HELD).optional(),
})
export type Exchange = z.infer<typeof Exchange>

export const PresenceFrame = z.object({
  type: z.literal('presence'),
  /** The tickets somebody has open: from a device its own, from the server everybody's for one ticket. */
  viewing: z.array(Id).max(20),
})

/** A device that has heard nothing for a while asks whether the server is there, which answers with a `pong`. */
const PingFrame = z.object({ type: z.literal('ping') })
const PongFrame = z.object({ type: z.literal('pong') })

/** How often either side of a socket makes sure that the other is there, when it has heard nothing from it. */
export const PING_MS = 25_000

/**
 * Why a ticket left a device: it is somebody else's work now, it is done, it went to another department, its watcher
 * went away, the person's role or departments are others, or its document is too large for any device.
 */
export const LeaveReason = z.enum(['reassigned', 'closed', 'moved', 'unwatched', 'access-lost', 'too-large'])
export type LeaveReason = z.infer<typeof LeaveReason>

/** An action or relation that this version does not know allows nothing here. */
const Cells = z.record(z.string(), z.array(z.string()))
const GrantsView = z.custom<Grants>(
  (value) => Cells.safeParse(value).success,
  'must name the relations for each action',
)

/** The device's person as the server knows them: the facts that predictions need. */
export const ActorView = z.object({
  id: z.string(),
  name: z.string(),
  role: Role,
  /** Left out where there is none. A device that knows of none goes by `role`, and the server decides. */
  customRole: z.object({ id: z.string(), name: z.string(), grants: GrantsView }).optional(),
  departments: z.array(z.string()),
})
export type ActorView = z.infer<typeof ActorView>

export const Batch = z.object({
  type: z.literal('batch'),
  epoch: z.string(),
  cursor: z.int(),
  tag: z.string(),
  serverTime: z.int(),
  /** Sent to a device that had none. */
  incarnation: z.int().min(1).optional(),
  verdicts: z.array(Verdict).default([]),
  /** Sent with `reset`, and whenever the person's role or departments changed. */
  actor: ActorView.optional(),
  /** The whole scope follows in `enter` (over several batches while `more`): hold nothing that is not among it. */
  reset: z.boolean().default(false),
  /** Whole documents: put them in place of what the device holds of the same ticket. */
  enter: z.array(z.object({ ticketId: Id, state: Update })).default([]),
  change: z.array(z.object({ ticketId: Id, update: Update })).default([]),
  /** A reason that this version does not know is read as the most general one. */
  leave: z.array(z.object({ ticketId: Id, reason: LeaveReason.catch('access-lost') })).default([]),
  /** Further batches follow by themselves; until the last one, `cursor` and `tag` stay where they were. */
  more: z.boolean().default(false),
  retryAfter: z.int().optional(),
  /**
   * The server does not know the device's position, has judged nothing, and asks where it has been; or, with `since`,
   * what it was told after that cursor, the newest that both know (0: none). The position does not move.
   */
  reconcile: z.object({ since: z.int().min(0).optional() }).optional(),
})
export type Batch = z.infer<typeof Batch>

export const ErrorFrame = z.object({
  type: z.literal('error'),
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  retryAfter: z.int().optional(),
  /** Erase every document and everything else that came from the server, and keep the work that waits. */
  wipe: z.boolean().default(false),
  /** With `cloned-device`: who the device is from now on. */
  become: Incarnation.optional(),
})
export type ErrorFrame = z.infer<typeof ErrorFrame>

export const PresenceReport = z.object({
  type: z.literal('presence'),
  ticketId: Id,
  people: z.array(z.object({ id: z.string(), name: z.string() })),
})
export type PresenceReport = z.infer<typeof PresenceReport>

export const DeviceFrame = z.discriminatedUnion('type', [Exchange, PresenceFrame, PingFrame])
export type DeviceFrame = z.infer<typeof DeviceFrame>
export const ServerFrame = z.discriminatedUnion('type', [Batch, ErrorFrame, PresenceReport, PongFrame])
export type ServerFrame = z.infer<typeof ServerFrame>

/**
 * The two WebSocket doors, `/sync` and `/yjs/<ticketId>`: finds the door of each connection, and queues the
 * connections.
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { Refusal } from '@rejoin/shared/errors.ts'
import { Id } from '@rejoin/shared/values.ts'
import { MAX_FRAME_BYTES } from '@rejoin/shared/budgets.ts'
import { encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import type { App } from '../app.ts'
import { Pace } from '../core/runtime/pace.ts'
import { endsWithin } from '../core/runtime/timeout.ts'
import { credentialsOf, subprotocolOf } from '../access/credentials.ts'
import { clientOf } from '../access/authenticate.ts'
import { LimitedSocket } from './limited-socket.ts'
import { OpenSockets } from './open-sockets.ts'
import { errorFrame } from '../doors/sync/error-frame.ts'
import { Session } from '../doors/sync/session.ts'
import { doubledHeader } from './headers.ts'
import { SocketSession, type Caller, type Door, type Shared } from './socket-session.ts'
import { Editor } from '../doors/yjs/editor.ts'
import { refusalOf } from '../doors/yjs/close-codes.ts'
import { encodeAwareness } from '../doors/yjs/protocol.ts'
import { Reopening } from '../doors/yjs/reopening.ts'

const OPTIONS = {
  noServer: true,
  WebSocket: LimitedSocket,
  maxPayload: MAX_FRAME_BYTES,
  /** A few compressed bytes could expand without limit, and each socket would keep a window. */
  perMessageDeflate: false,
  /** How long a peer has to confirm the close of a connection, in ms; the library's types lack it. */
  closeTimeout: 2000,
  handleProtocols: (offered: Set<string>) => subprotocolOf(offered),
}
/** Connections that wait to be taken over; more are turned away. */
const MAX_IN_LINE = 2000
/** How long connections are taken over before other work has a turn. */
const TURN_MS = 10
const CLOSE_NORMAL = 1000
const CLOSE_GOING_AWAY = 1001
/** The time to send the answer to a refused connection. */
const REFUSED_MS = 2000
const CLOSE_FAILED = 1011

interface Upgrade {
  readonly request: IncomingMessage
  readonly connection: Duplex
  readonly head: Buffer
  /** Whether it has waited for its turn, see `yjs/reopening.ts`. */
  readonly isItsTurn: boolean
}

export class Sockets {
  readonly #app: App
  readonly #sync: Door
  readonly #server = new WebSocketServer<typeof LimitedSocket>(OPTIONS)

  readonly #shared: Shared
  /** Connections that wait to be taken over. */
  readonly #line: Upgrade[] = []
  readonly #pace = new Pace(TURN_MS)
  readonly #reopening: Reopening
  /** Connections whose turn to open a ticket has not come. */
  readonly #waiting = new Set<Duplex>()
  #isServing = false

  constructor(app: App) {
    this.#app = app
    this.#sync = syncDoor(app)
    const { admission, mono: now } = app
    const open = new OpenSockets({ limits: admission.limits, now, busy: (reason) => admission.busy(reason) })
    this.#shared = { open, refused: new Set() }
    app.jobs.add('stalled-sockets', '*/30 * * * * *', () => open.endStalled())
    app.jobs.add('silent-sockets', '*/5 * * * * *', () => open.endSilent())
    this.#reopening = new Reopening(admission.limits.openingsAtOnce)
    app.jobs.add('reopened-tickets', '*/5 * * * * *', () => this.#reopening.pass())
  }

  /** Takes a connection over from the HTTP server, in its turn: many at once do not keep other work waiting. */
  upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void {
    // From here on the HTTP server no longer listens for errors.
    connection.on('error', () => connection.destroy())
    if (request.headers.host === undefined || doubledHeader(request.rawHeaders) !== null) {
      refuseUpgrade(connection, '400 Bad Request')
      return
    }
    if (this.#line.length >= MAX_IN_LINE) {
      refuseUpgrade(connection, '503 Service Unavailable', 'Retry-After: 5\r\n')
      return
    }
    this.#enqueue({ request, connection, head, isItsTurn: false })
  }

  #enqueue(upgrade: Upgrade): void {
    this.#line.push(upgrade)
    if (!this.#isServing) void this.#serve()
  }

  async #serve(): Promise<void> {
    this.#isServing = true
    this.#pace.begin()
    for (let next = this.#line.shift(); next !== undefined; next = this.#line.shift()) {
      try {
        this.#open(next)
      } catch (error) {
        this.#failed(error)
        next.connection.destroy()
      }
      await this.#pace.turn()
    }
    this.#isServing = false
  }

  #open(upgrade: Upgrade): void {
    const { request, connection, head } = upgrade
    const ticketId = ticketAt(request.url ?? '')
    const isSync = request.url?.split('?')[0] === '/sync'
    const door = isSync ? this.#sync : ticketId === null ? null : editorDoor(this.#app, ticketId)
    if (door === null) {
      refuseUpgrade(connection, '404 Not Found')
      return
    }
    const caller = this.#callerOf(request)
    if (ticketId !== null && !upgrade.isItsTurn) {
      this.#inTurn(upgrade, `${caller.token ?? caller.client.address} ${ticketId}`)
      return
    }
    this.#server.handleUpgrade(request, connection, head, (socket) => {
      socket.failed = (error) => this.#failed(error)
      void new SocketSession(this.#app, {
        door: this.#guarded(door),
        socket,
        connection: request.socket,
        caller,
        shared: this.#shared,
      })
    })
  }

  /** Opens the connection in the turn of its caller for this ticket. */
  #inTurn(upgrade: Upgrade, who: string): void {
    const { connection } = upgrade
    this.#waiting.add(connection)
    // The caller's token may be of any length.
    const key = createHash('sha256').update(who).digest('base64url')
    const isTaken = this.#reopening.take(key, () => {
      this.#waiting.delete(connection)
      if (!connection.destroyed) this.#enqueue({ ...upgrade, isItsTurn: true })
    })
    if (isTaken) return
    this.#waiting.delete(connection)
    refuseUpgrade(connection, '503 Service Unavailable', 'Retry-After: 30\r\n')
  }

  #callerOf({ headers, socket }: IncomingMessage): Caller {
    const { publicUrl, proxies } = this.#app.config
    const header = (name: string) => headers[name]?.toString()
    const { token } = credentialsOf({ header, isSafe: false, publicUrl })
    return { token, client: clientOf(header, socket.remoteAddress, proxies) }
  }

  /** The same door, with errors of its last steps logged instead of thrown. */
  #guarded(door: Door): Door {
    const passes = (step: () => void): boolean => {
      try {
        step()
        return true
      } catch (error) {
        this.#failed(error)
        return false
      }
    }
    return {
      refuse: (socket, refusal) => void passes(() => door.refuse(socket, refusal)),
      async admit(wire, login) {
        const client = await door.admit(wire, login)
        return {
          receive: (data) => client.receive(data),
          fail(error) {
            if (!passes(() => client.fail(error))) wire.close(CLOSE_FAILED)
          },
          end: () => void passes(() => client.end()),
        }
      },
    }
  }

  #failed(error: unknown): void {
    this.#app.log.error({ err: error }, 'a socket failed')
  }

  /** Says good-bye to every socket, and hangs up on those that do not answer within `graceMs`. */
  async close(graceMs: number): Promise<void> {
    for (const connection of this.#waiting) connection.destroy()
    const open = [...this.#server.clients]
    const left = Promise.all(open.map((socket) => once(socket, 'close')))
    for (const socket of open) socket.close(CLOSE_GOING_AWAY, 'The server is stopping.')
    await endsWithin(graceMs, left)
    for (const socket of open) socket.terminate()
  }
}

/** The ticket of an editor's URL; null for another door. */
function ticketAt(url: string): string | null {
  return /^\/yjs\/([^/?]+)(\?|$)/.exec(url)?.[1] ?? null
}

/** A refused client may never hang up, so the server does as soon as the answer is sent, or cannot be. */
function refuseUpgrade(connection: Duplex, status: string, headers = ''): void {
  const timer = setTimeout(() => connection.destroy(), REFUSED_MS)
  connection.once('finish', () => connection.destroy()).once('close', () => clearTimeout(timer))
  connection.end(`HTTP/1.1 ${status}\r\n${headers}Connection: close\r\nContent-Length: 0\r\n\r\n`)
}

function syncDoor(app: App): Door {
  return {
    admit: (wire, login) =>
      new Session(app, login, {
        send: (data) => wire.send(data),
        flushed: () => wire.flushed(),
        close: () => wire.close(CLOSE_NORMAL),
      }),
    refuse: (socket, refusal) => socket.send(encodeFrame(errorFrame(refusal), 'cbor')),
  }
}

function editorDoor(app: App, ticketId: string): Door {
  return {
    async admit(wire, { actor, sessionId }) {
      if (!Id.safeParse(ticketId).success) throw new Refusal('not-found', 'This ticket does not exist.')
      const editor = new Editor(app, actor, { ticketId, sessionId, wire })
      await editor.open()
      return {
        receive: (data) => editor.receive(typeof data === 'string' ? new TextEncoder().encode(data) : data),
        fail: (error) => editor.fail(error),
        end: () => editor.end(),
      }
    },
    refuse: (socket, refusal) => {
      const refused = refusalOf(refusal)
      const receiveAwareness = (awareness: Uint8Array) => socket.send(encodeAwareness(awareness))
      app.rooms.sendState({ receiveAwareness }, app.clientId, { rejoin: { verdicts: [], refused } })
    },
  }
}

/** The two WebSocket doors: who is at the door, and bytes in and out. Sessions and editors do the rest. */
import type { WSContext, WSEvents } from 'hono/ws'
import { Refusal } from '@rejoin/shared/errors.ts'
import { encodeFrame } from '@rejoin/shared/wire.ts'
import { Id } from '@rejoin/shared/tickets.ts'
import { getActor, sessionTopic } from './accounts/queries.ts'
import { findSession } from './accounts/sessions.ts'
import type { App } from './app.ts'
import { tokenOf } from './credentials.ts'
import { SocketWire } from './socket-wire.ts'
import { errorFrame } from './sync/error-frame.ts'
import { Session, type Login } from './sync/session.ts'
import { closeCodeOf, Editor } from './yjs/editor.ts'

/** What both doors hold behind a socket. */
interface Visitor {
  receive(data: Uint8Array | string): Promise<void>
  fail(error: unknown): void
  end(): void
}

const CLOSE_NORMAL = 1000
/** How often an open connection asks again whether its session is valid. */
const RECHECK_MS = 3_600_000

export function syncDoor(app: App, request: Request): WSEvents {
  return door(app, request, {
    async admit(wire, login) {
      return new Session(app, login, {
        send: (data) => wire.send(data),
        flushed: () => wire.flushed(),
        close: () => wire.close(CLOSE_NORMAL),
      })
    },
    refuse: (socket, refusal) => socket.send(encodeFrame(errorFrame(refusal), 'cbor')),
  })
}

export function editorDoor(app: App, request: Request, ticketId: string): WSEvents {
  return door(app, request, {
    async admit(wire, { actor }) {
      if (!Id.safeParse(ticketId).success) throw new Refusal('not-found', 'There is no such ticket.')
      const editor = new Editor(app, actor, { ticketId, wire })
      await editor.open()
      return {
        receive: async (data) => editor.receive(typeof data === 'string' ? new TextEncoder().encode(data) : data),
        fail: (error) => editor.fail(error),
        end: () => editor.end(),
      }
    },
    refuse: () => {},
  })
}

function door(
  app: App,
  request: Request,
  {
    admit,
    refuse,
  }: {
    admit(wire: SocketWire, login: Login): Promise<Visitor>
    refuse(socket: WSContext, refusal: Refusal): void
  },
): WSEvents {
  const { admission } = app
  const { limits } = admission
  const waiting = { frames: 0, bytes: 0 }
  let arrival: Promise<Visitor | null> | undefined
  let loginId: string | undefined
  let wire: SocketWire | undefined
  let unsubscribe = () => {}
  let checkedAt = app.now()

  async function arrive(socket: WSContext): Promise<Visitor | null> {
    try {
      const login = await identify(app, request)
      const { sessionId } = login
      loginId = sessionId
      let visitor: Visitor | undefined
      let hasEnded = false
      unsubscribe = app.hub.subscribe([sessionTopic(sessionId)], () => {
        hasEnded = true
        visitor?.fail(signedOut())
      })
      wire = new SocketWire(socket, limits, () => {
        app.metrics.overloads.inc({ reason: 'slow-reader' })
        void leave()
      })
      visitor = await admit(wire, login)
      if (hasEnded) visitor.fail(signedOut())
      return visitor
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal('internal', 'The server failed.')
      if (refusal !== error) app.log.error({ err: error }, 'a socket could not be opened')
      refuse(socket, refusal)
      socket.close(closeCodeOf(error), refusal.code)
      return null
    }
  }

  /** A connection that is used keeps its session alive, as requests do. */
  async function keepAlive(visitor: Visitor): Promise<void> {
    if (app.now() - checkedAt < RECHECK_MS) return
    checkedAt = app.now()
    try {
      await identify(app, request)
    } catch (error) {
      visitor.fail(error)
    }
  }

  async function hear(data: string | Blob | ArrayBufferLike): Promise<void> {
    const visitor = await arrival
    if (visitor === null || visitor === undefined) return
    void keepAlive(visitor)
    const frame = typeof data === 'string' ? data : await bytesOf(data)
    waiting.frames += 1
    waiting.bytes += frame.length
    try {
      admission.takeFrame(loginId ?? '', frame.length)
      if (waiting.frames > limits.waitingFrames || waiting.bytes > limits.waitingBytes) {
        throw admission.busy('waiting-frames')
      }
      await visitor.receive(frame)
    } catch (error) {
      visitor.fail(error)
    } finally {
      waiting.frames -= 1
      waiting.bytes -= frame.length
    }
  }

  async function leave(): Promise<void> {
    const visitor = await arrival
    unsubscribe()
    wire?.ended()
    visitor?.end()
  }

  return {
    onOpen(_event, socket) {
      arrival = arrive(socket)
    },
    onMessage: ({ data }) => void hear(data),
    onClose: () => void leave(),
    onError: () => void leave(),
  }
}

async function identify(app: App, request: Request): Promise<Login> {
  const token = tokenOf(request)
  const session =
    token === null ? null : await findSession({ read: app.read, commits: app.commits, now: app.now() }, token)
  if (session === null) throw signedOut()
  return { actor: await getActor(app.read, session.userId), sessionId: session.id }
}

function signedOut(): Refusal {
  return new Refusal('unauthenticated', 'The session is not or no longer valid.', 'Sign in again; queued work is kept.')
}

async function bytesOf(data: Blob | ArrayBufferLike): Promise<Uint8Array> {
  return new Uint8Array(data instanceof Blob ? await data.arrayBuffer() : data)
}

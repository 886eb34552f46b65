/** One connection's life: its socket, and what has been said on it. A new connection is a new session. */
import type { Verdict } from '@rejoin/shared/sync/verdicts.ts'
import { encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import type { DeviceFrame } from '@rejoin/shared/sync/wire.ts'
import type { Socket } from '../environment.ts'
import type { MadeCommand } from '../ledger/records.ts'

const GOING_AWAY = 1000

/** How far the device has come in finding together again with a restored server. */
export interface Reconciling {
  /** The newest place that both know; 0: none. */
  readonly since: number
  /** The ids of the commands that are still to be offered. */
  readonly left: readonly string[]
  /** The server has heard everything and brings the device up to date. */
  readonly isAllSaid: boolean
}

export class Session {
  /** Commands sent on this connection and not decided. */
  readonly inFlight = new Set<string>()
  /** While the server lists the whole scope: the tickets listed so far. */
  listing: Set<string> | null = null
  /** What was decided since the last batch without `more`: a `leave` may follow its verdicts. */
  readonly judged: { command: MadeCommand; verdict: Verdict }[] = []
  reconciling: Reconciling | null = null
  /** The first exchange is out; until then nothing else may be said. */
  hasGreeted = false
  /** A batch of this session was not taken: those after it would leave a gap. */
  hasGap = false
  /** The server has ended it with a word that the device is still acting on. */
  hasLastWord = false
  readonly #socket: Socket
  #isOver = false

  constructor(socket: Socket) {
    this.#socket = socket
  }

  get isOver(): boolean {
    return this.#isOver
  }

  send(frame: DeviceFrame): void {
    this.#socket.send(encodeFrame(frame, 'cbor'))
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#socket.close(GOING_AWAY)
  }
}

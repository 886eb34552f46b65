/** The host's parts that a device uses, so that a test can drive them: clocks, randomness, timers, the network. */
import { v4 } from 'uuid'
import { Refusal } from '@rejoin/shared/errors.ts'

/** The part of a WebSocket that a device uses; a browser's, Node's and the package `ws` have it. */
export interface Socket {
  binaryType: string
  send(data: Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'message' | 'close' | 'error', listener: (event: unknown) => void): void
}

export type SocketConstructor = new (url: string, protocols: string[]) => Socket

export interface Environment {
  /** The wall clock, epoch ms. May jump. */
  now(): number
  /** Milliseconds since an arbitrary start; never jumps. */
  mono(): number
  /** Names the start that `mono` counts from: the id of this process or page, at most 40 characters. */
  readonly boot: string
  /** In [0, 1). */
  random(): number
  /** Calls `run` once after `ms`; the returned function cancels it. */
  after(ms: number, run: () => void): () => void
  /**
   * Calls `run` whenever the host reports that the network or the person is back: an open connection may have died
   * meanwhile. The returned function stops that.
   */
  onReturn(run: () => void): () => void
  readonly WebSocket: SocketConstructor
  readonly fetch: typeof globalThis.fetch
}

/** One for the whole process or page, because `performance.now()` counts from its start. */
const BOOT = v4()

/** The environment of this process or page, with `overrides` in place of its parts. Throws `Refusal('unavailable')`. */
export function environmentWith(overrides: Partial<Environment> = {}): Environment {
  const environment = { ...hostEnvironment(), ...overrides }
  if (environment.WebSocket === undefined) {
    throw new Refusal('unavailable', 'This runtime has no WebSocket.', 'Pass one as environment.WebSocket.')
  }
  return { ...environment, WebSocket: environment.WebSocket }
}

function hostEnvironment(): Omit<Environment, 'WebSocket'> & { WebSocket: SocketConstructor | undefined } {
  return {
    now: () => Date.now(),
    mono: () => performance.now(),
    boot: BOOT,
    random: () => Math.random(),
    after(ms, run) {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
    onReturn(run) {
      // Node's global object hears no events.
      if (typeof globalThis.addEventListener !== 'function') return () => undefined
      const { document } = globalThis as { document?: EventTarget & { visibilityState: string } }
      const whenShown = () => document?.visibilityState === 'visible' && run()
      const events = [
        [globalThis, 'online', run],
        // A page that the browser had suspended.
        [globalThis, 'pageshow', run],
        ...(document === undefined ? [] : [[document, 'visibilitychange', whenShown] as const]),
      ] as const
      for (const [target, event, listener] of events) target.addEventListener(event, listener)
      return () => {
        for (const [target, event, listener] of events) target.removeEventListener(event, listener)
      }
    },
    WebSocket: globalThis.WebSocket,
    fetch: (...request) => globalThis.fetch(...request),
  }
}

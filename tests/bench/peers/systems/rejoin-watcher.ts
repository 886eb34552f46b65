/**
 * A Rejoin device that keeps documents and nothing else: no store, no outbox. The peers' clients are the same. Fifty SDK
 * devices in one process, each storing every change, would measure themselves.
 */
import { v7 } from 'uuid'
import * as Y from 'yjs'
import { BEARER_PREFIX, ServerFrame, SUBPROTOCOL } from '@rejoin/shared/sync/wire.ts'
import { decodeFrame, encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import { SCHEMA_VERSION } from '@rejoin/shared/sync/upcast.ts'
import type { Server } from '../process.ts'
import type { Device, Person } from './system.ts'

export function watcherFor({ port }: Server, { token }: Person): Device {
  const docs = new Map<string, Y.Doc>()
  let socket: WebSocket | null = null

  function doc(ticketId: string): Y.Doc {
    const known = docs.get(ticketId) ?? new Y.Doc()
    docs.set(ticketId, known)
    return known
  }

  /** Takes a frame in; answers whether it was the last of its kind for now. */
  function take(data: ArrayBuffer): boolean {
    const frame = decodeFrame(ServerFrame, new Uint8Array(data))
    if (frame.type === 'error') throw new Error(frame.message)
    if (frame.type !== 'batch') return false
    for (const { ticketId, state } of frame.enter) Y.applyUpdate(doc(ticketId), state)
    for (const { ticketId, update } of frame.change) Y.applyUpdate(doc(ticketId), update)
    return !frame.more
  }

  const unable = () => Promise.reject(new Error('a watcher only watches'))
  return {
    connect: () =>
      new Promise((resolve, reject) => {
        socket = new WebSocket(`ws://127.0.0.1:${port}/sync`, [SUBPROTOCOL, BEARER_PREFIX + token])
        socket.binaryType = 'arraybuffer'
        socket.addEventListener('error', () => reject(new Error('no connection')))
        socket.addEventListener('open', () => socket?.send(greeting()))
        socket.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
          if (take(data)) resolve()
        })
      }),
    disconnect: async () => socket?.close(),
    acknowledged: unable,
    comment: unable,
    rename: unable,
    doc,
    close: async () => socket?.close(),
  }
}

function greeting(): Uint8Array<ArrayBuffer> {
  const clock = { wall: Date.now(), mono: performance.now(), boot: 'watcher' }
  return encodeFrame({ type: 'exchange', device: v7(), incarnation: 0, schema: SCHEMA_VERSION, clock }, 'cbor')
}

/** A WebSocket that counts the frames of all its kind, each with the header it has on the wire. */

export class CountingSocket extends WebSocket {
  static traffic = { framesUp: 0, bytesUp: 0, framesDown: 0, bytesDown: 0 }

  static reset(): void {
    CountingSocket.traffic = { framesUp: 0, bytesUp: 0, framesDown: 0, bytesDown: 0 }
  }

  constructor(url: string, protocols: string[]) {
    super(url, protocols)
    this.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
      CountingSocket.traffic.framesDown += 1
      CountingSocket.traffic.bytesDown += data.byteLength + headerBytes(data.byteLength)
    })
  }

  override send(data: Uint8Array<ArrayBuffer>): void {
    CountingSocket.traffic.framesUp += 1
    CountingSocket.traffic.bytesUp += data.length + headerBytes(data.length) + MASK_BYTES
    super.send(data)
  }
}

/** What a client sends is masked (RFC 6455, section 5.2). */
const MASK_BYTES = 4

function headerBytes(payload: number): number {
  if (payload < 126) return 2
  return payload < 2 ** 16 ? 4 : 10
}

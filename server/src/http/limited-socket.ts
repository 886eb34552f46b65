/** A WebSocket whose faults are its own: what is too large, and what is thrown by whatever listens to it. */
import { WebSocket } from 'ws'
import { MAX_FRAME_BYTES } from '@rejoin/shared/budgets.ts'

const CLOSE_TOO_BIG = 1009

export class LimitedSocket extends WebSocket {
  /** Told of what a listener threw. */
  failed: (error: unknown) => void = () => undefined

  /** The library stops reading a frame that is too large and closes the connection; this says where the limit is. */
  override close(code?: number, reason?: string | Buffer): void {
    const limit = `too-large: A frame may have at most ${MAX_FRAME_BYTES} bytes.`
    super.close(code, code === CLOSE_TOO_BIG ? limit : reason)
  }

  /** What a listener throws ends this connection; from the socket below, it would end the program. */
  override emit(...event: Parameters<WebSocket['emit']>): boolean {
    try {
      return super.emit(...event)
    } catch (error) {
      this.failed(error)
      this.terminate()
      return true
    }
  }
}

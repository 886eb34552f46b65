/** A WebSocket whose faults stay its own: oversized frames, and errors thrown by its listeners. */
import { WebSocket } from 'ws'
import { MAX_FRAME_BYTES } from '@rejoin/shared/budgets.ts'

const CLOSE_TOO_BIG = 1009

export class LimitedSocket extends WebSocket {
  /** Gets the error of a listener. */
  failed: (error: unknown) => void = () => undefined

  /** The library stops reading an oversized frame and closes the connection; this adds the limit to the reason. */
  override close(code?: number, reason?: string | Buffer): void {
    const limit = `too-large: A frame may have at most ${MAX_FRAME_BYTES} bytes.`
    super.close(code, code === CLOSE_TOO_BIG ? limit : reason)
  }

  /** An error of a listener ends this connection; thrown into the underlying socket, it would end the program. */
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

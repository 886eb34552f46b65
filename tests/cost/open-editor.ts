/** The editor of a worst message: one at a time, since the sockets of a person are rationed. */
import { RawEditor } from '../doors/editor.ts'

const CLOSE_UNAVAILABLE = 1013

let last: RawEditor | null = null

/** Closes the one before. Throws where the server turned that or this one away for now, which costs nothing. */
export async function openEditor(url: string, ticketId: string, token: string): Promise<RawEditor> {
  if (last !== null) {
    mustBeIn(last)
    if (last.closed === null) await last.close()
  }
  last = await RawEditor.open(url, ticketId, token)
  mustBeIn(last)
  return last
}

function mustBeIn({ closed }: RawEditor): void {
  if (closed?.code === CLOSE_UNAVAILABLE) throw new Error(`turned away: ${closed.reason}`)
}

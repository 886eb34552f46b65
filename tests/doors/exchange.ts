/** Frames of `/sync` as a device would send them, by hand. */
import { v7 } from 'uuid'
import { SCHEMA_VERSION } from '@rejoin/shared/sync/upcast.ts'
import { Batch } from '@rejoin/shared/sync/wire.ts'
import { decodeFrame, encodeFrame, type Encoding } from '@rejoin/shared/sync/encoding.ts'

export interface Command {
  readonly name: string
  readonly input?: unknown
  readonly id?: string
  /** The device's cursor when its person acted. */
  readonly seen?: number
  readonly group?: string
  /** When they acted, by a device that was started anew since. */
  readonly wall?: number
  readonly after?: readonly string[]
}

/** The clocks of the device: those of a world that has just started. */
export const CLOCK = { wall: Date.UTC(2026, 2, 2, 9, 0, 0), mono: 1000, boot: 'by-hand' }

export function exchangeWith(commands: readonly Command[], device: string = v7(), schema = SCHEMA_VERSION) {
  return {
    type: 'exchange' as const,
    device,
    incarnation: 0,
    schema,
    clock: CLOCK,
    commands: commands.map(({ id = v7(), seen = 0, after, wall, ...rest }) => ({
      id,
      ...rest,
      at: wall === undefined ? CLOCK : { wall, mono: 0, boot: 'before' },
      seen,
      ...(after && { after: [...after] }),
    })),
  }
}

/** Posts a body to `/sync`. */
export async function post(
  url: string,
  token: string | undefined,
  body: Uint8Array<ArrayBuffer> | string,
  type = typeof body === 'string' ? 'application/json' : 'application/cbor',
): Promise<Response> {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return fetch(`${url}/sync`, { method: 'POST', headers: { ...authorization, 'content-type': type }, body })
}

/** Where a device stands. */
export type LogPosition = Pick<Batch, 'epoch' | 'cursor' | 'tag'>

/** One exchange by `POST /sync`, and the batch that answers it. */
export async function exchangeByPost(
  url: string,
  token: string,
  commands: readonly Command[],
  { device, encoding = 'json', place }: { device?: string; encoding?: Encoding; place?: LogPosition } = {},
): Promise<Batch> {
  const response = await post(url, token, encodeFrame({ ...exchangeWith(commands, device), ...place }, encoding))
  if (!response.ok) throw new Error(`POST /sync answered ${response.status}: ${await response.text()}`)
  const body = encoding === 'cbor' ? new Uint8Array(await response.arrayBuffer()) : await response.text()
  return decodeFrame(Batch, body)
}

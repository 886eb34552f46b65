/** Sends commands again that were decided long ago, as a device does that lost the answers. */
import { DoesNotHold } from './checks.ts'
import type { Meta } from '@rejoin/client-sdk/ledger/records.ts'
import type { Verdict } from '@rejoin/shared/sync/verdicts.ts'
import { Batch, MAX_COMMANDS, type QueuedCommand } from '@rejoin/shared/sync/wire.ts'
import { decodeFrame, encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import { SCHEMA_VERSION } from '@rejoin/shared/sync/upcast.ts'

export interface Sender {
  readonly url: string
  readonly token: string
  readonly meta: Pick<Meta, 'deviceId' | 'incarnation'>
}

/** The server's verdicts, in the order of the commands. */
export async function resend(sender: Sender, commands: readonly QueuedCommand[]): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  for (let start = 0; start < commands.length; start += MAX_COMMANDS) {
    verdicts.push(...(await exchange(sender, commands.slice(start, start + MAX_COMMANDS))))
  }
  return verdicts
}

async function exchange({ url, token, meta }: Sender, commands: readonly QueuedCommand[]): Promise<Verdict[]> {
  const [first] = commands
  if (first === undefined) return []
  const { deviceId: device, incarnation } = meta
  const frame = { type: 'exchange', device, incarnation, schema: SCHEMA_VERSION, clock: first.at, commands } as const
  const response = await fetch(`${url}/sync`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/cbor' },
    body: encodeFrame({ ...frame, commands: [...commands] }, 'cbor'),
  })
  if (!response.ok)
    throw new DoesNotHold(`The server answered ${response.status} to a resend: ${await response.text()}`)
  return decodeFrame(Batch, new Uint8Array(await response.arrayBuffer())).verdicts
}

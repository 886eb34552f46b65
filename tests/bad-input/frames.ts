/** Frames that are wrong as a whole: both doors of `/sync` answer each with the same code. */
import { v7 } from 'uuid'
import { MAX_FRAME_BYTES } from '@rejoin/shared/budgets.ts'
import { encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import { MAX_COMMANDS } from '@rejoin/shared/sync/wire.ts'
import { exchangeWith } from '../doors/exchange.ts'

export interface BadFrame {
  readonly data: Uint8Array<ArrayBuffer> | string
  readonly code: string
}

const HELLO = exchangeWith([])

/** The frame in JSON, with some of it different. */
function changed(change: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...HELLO, ...change })
}

const comment = { name: 'comment.add', input: { ticketId: v7(), commentId: v7(), body: 'A' } }
const [queued] = exchangeWith([comment]).commands

/** A frame whose author wrote their texts in another encoding: byte for byte, so that all else is in order. */
function inLatin1(): Uint8Array<ArrayBuffer> {
  const body = 'Jürgen '.repeat(5)
  const text = Buffer.from(encodeFrame(exchangeWith([{ ...comment, input: { ...comment.input, body } }]), 'cbor'))
  return new Uint8Array(Buffer.from(text.toString('latin1').replaceAll('Ã¼', 'üu'), 'latin1'))
}

const malformed: Readonly<Record<string, Uint8Array<ArrayBuffer> | string>> = {
  'CBOR that breaks off': encodeFrame(exchangeWith([comment]), 'cbor').slice(0, -9),
  'CBOR with something after it': new Uint8Array([...encodeFrame(HELLO, 'cbor'), 0xff]),
  'CBOR with a text that is not UTF-8': inLatin1(),
  'bytes that are no CBOR': new Uint8Array([0xff, 0x00, 0xde, 0xad]),
  'CBOR that names a key twice': new Uint8Array([0xa2, 0x61, 0x61, 0x01, 0x61, 0x61, 0x02]),
  'CBOR that promises more than there is': new Uint8Array([0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
  'CBOR in itself ten thousand times': new Uint8Array(10_000).fill(0x81),
  'no bytes at all': new Uint8Array(0),
  'text that is no JSON': 'exchange, please',
  'JSON that breaks off': changed({}).slice(0, -5),
  'JSON in itself a hundred thousand times': '['.repeat(100_000),
  'JSON that is no object': '[]',
  'no type': changed({ type: undefined }),
  'a type there is none of': changed({ type: 'gossip' }),
  'a type of the server': JSON.stringify({ type: 'batch', epoch: 'e', cursor: 1, tag: 't', serverTime: 1 }),
  'a device that is no UUID': changed({ device: 'my phone' }),
  'an incarnation below zero': changed({ incarnation: -1 }),
  'no clock': changed({ clock: undefined }),
  'a clock beyond all time': changed({ clock: { ...HELLO.clock, wall: 1e300 } }),
  'a cursor that is no whole number': changed({ cursor: 1.5 }),
  'commands that are no list': changed({ commands: { 0: queued } }),
  'a command without an id': changed({ commands: [{ ...queued, id: undefined }] }),
  'a command with a name of a thousand characters': changed({ commands: [{ ...queued, name: 'x'.repeat(1000) }] }),
  'more commands than an exchange takes': changed({
    commands: Array.from({ length: MAX_COMMANDS + 1 }, () => ({ ...queued, id: v7() })),
  }),
  'thousands of commands': changed({ commands: Array.from({ length: 5000 }, () => ({ ...queued, id: v7() })) }),
}

export const BAD_FRAMES: Readonly<Record<string, BadFrame>> = {
  ...Object.fromEntries(
    Object.entries(malformed).map(([name, data]) => [name, { data, code: 'malformed-frame' }] as const),
  ),
  'bytes of more than 4 MB': { data: new Uint8Array(MAX_FRAME_BYTES + 1), code: 'too-large' },
  'text of more than 4 MB': { data: changed({ junk: 'x'.repeat(MAX_FRAME_BYTES) }), code: 'too-large' },
}

/**
 * Text that comes from outside as bytes: the one place that decodes it. It is read as it was written, or refused with
 * the line and the byte; no character is ever replaced.
 *
 * 1. A byte order mark at the beginning wins over the named encoding; without either the text is UTF-8.
 * 2. No text has a NUL: a file with a NUL is UTF-16 without a mark, or UTF-32, or no text. UTF-32 is not read.
 * 3. The mark is no part of the text.
 */
import { readFileSync, statSync } from 'node:fs'
import { Refusal } from '@rejoin/shared/errors.ts'

/** By their names in the Encoding Standard; its other labels, such as `latin1`, name them as well. */
const ENCODINGS: readonly string[] = (
  'utf-8 utf-16le utf-16be windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 windows-1255 windows-1256 ' +
  'windows-1257 windows-1258 windows-874 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 ' +
  'iso-8859-10 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 koi8-r koi8-u ibm866 macintosh x-mac-cyrillic gbk ' +
  'gb18030 big5 euc-jp iso-2022-jp shift_jis euc-kr'
).split(' ')

/** The limit for a file that is read as a whole. */
const MAX_FILE_BYTES = 64 * 1024 * 1024
/** The limit for a line of a file that is read in parts. */
const MAX_LINE_BYTES = 1024 * 1024
const MARKS = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
] as const
/** The marks of UTF-32: the first begins like the mark of UTF-16, followed by a NUL. */
const UNREAD_MARKS = [
  [0xff, 0xfe, 0, 0],
  [0, 0, 0xfe, 0xff],
] as const
const LONGEST_MARK = 4

export interface Source {
  /** The name of the source in a refusal. */
  readonly name: string
  /** A label of the Encoding Standard; UTF-8 by default. */
  readonly encoding?: string | undefined
  /** The hint if the text cannot be decoded; by default, how to name another encoding. */
  readonly hint?: string
}

/** The name of an encoding by any of its labels. Throws `Refusal('invalid')` with all names for an unknown label. */
export function encodingNamed(label: string): string {
  const name = decoderOf(label)?.encoding
  if (name !== undefined && ENCODINGS.includes(name)) return name
  throw new Refusal('invalid', `"${label}" is not a supported encoding.`, `Use one of ${ENCODINGS.join(', ')}.`)
}

function decoderOf(label: string): TextDecoder | null {
  try {
    return new TextDecoder(label, { fatal: true, ignoreBOM: true })
  } catch (error) {
    // Node's own error is a RangeError, too.
    if (error instanceof RangeError) return null
    throw error
  }
}

/** Throws `Refusal('invalid')` with the line and the byte that are not text in that encoding. */
export function textOf(bytes: Uint8Array, source: Source): string {
  const { encoding, text } = unmarked(bytes, source)
  return new Blocks(encoding, source).text(text)
}

/** The text of a file. Throws `Refusal` if it cannot be read, is too large, or is no text. */
export function readText(path: string, source: Omit<Source, 'name'> = {}): string {
  return textOf(readBytes(path), { name: path, ...source })
}

function readBytes(path: string): Uint8Array {
  try {
    const { size } = statSync(path)
    if (size <= MAX_FILE_BYTES) return readFileSync(path)
  } catch (error) {
    throw unreadable(path, error)
  }
  throw new Refusal('too-large', `${path} is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB.`, 'Split it.')
}

/** The text of a stream, some whole lines at a time. Throws like `textOf`, and for a line longer than 1 MiB. */
export async function* textBlocks(bytes: AsyncIterable<Uint8Array>, source: Source): AsyncGenerator<string, undefined> {
  let blocks: Blocks | null = null
  let left: Uint8Array = new Uint8Array()
  for await (const chunk of bytes) {
    left = left.length === 0 ? chunk : Buffer.concat([left, chunk])
    if (blocks === null) {
      if (left.length < LONGEST_MARK) continue
      const { encoding, text } = unmarked(left, source)
      blocks = new Blocks(encoding, source)
      left = text
    }
    const end = blocks.endOfLines(left)
    if (end > 0) yield blocks.text(left.subarray(0, end))
    left = left.subarray(end)
    if (left.length > MAX_LINE_BYTES) throw blocks.tooLong()
  }
  if (left.length > 0) yield blocks === null ? textOf(left, source) : blocks.text(left)
}

function unmarked(bytes: Uint8Array, { name, hint, encoding = 'utf-8' }: Source) {
  if (UNREAD_MARKS.some((mark) => mark.every((byte, at) => bytes[at] === byte)))
    throw new Refusal('invalid', `${name} is UTF-32 text, which is not supported.`, hint ?? SAVE_AS_UTF_8)
  const mark = MARKS.find(([, begin]) => begin.every((byte, at) => bytes[at] === byte))
  if (mark === undefined) return { encoding: encodingNamed(encoding), text: bytes }
  return { encoding: mark[0], text: bytes.subarray(mark[1].length) }
}

/** Stretches of one text, each of whole lines. */
class Blocks {
  readonly #encoding: string
  readonly #source: Source
  readonly #unit: 1 | 2
  /** How many lines precede the next stretch. */
  #lines = 0

  constructor(encoding: string, source: Source) {
    this.#encoding = encoding
    this.#source = source
    this.#unit = encoding.startsWith('utf-16') ? 2 : 1
  }

  text(bytes: Uint8Array): string {
    const text = this.#decoded(bytes)
    if (text === null) throw this.#fault(bytes)
    const end = text.includes('\n') ? '\n' : '\r'
    for (let at = text.indexOf(end); at >= 0; at = text.indexOf(end, at + 1)) this.#lines += 1
    return text
  }

  /** How many of these bytes are whole lines. Old Mac files end their lines with a carriage return alone. */
  endOfLines(bytes: Uint8Array): number {
    return this.#lastEnd(bytes, '\n') || this.#lastEnd(bytes, '\r')
  }

  tooLong(): Refusal {
    const message = `${this.#source.name}: line ${this.#lines + 1} is longer than ${MAX_LINE_BYTES / 1024 / 1024} MiB.`
    return new Refusal('too-large', message, 'No row is that long: check whether line ends are missing.')
  }

  #lastEnd(bytes: Uint8Array, end: string): number {
    const low = this.#encoding === 'utf-16be' ? 1 : 0
    for (let at = bytes.lastIndexOf(end.charCodeAt(0)); at >= 0; at = bytes.lastIndexOf(end.charCodeAt(0), at - 1)) {
      if (this.#unit === 1) return at + 1
      if (at % 2 === low && bytes[at + 1 - 2 * low] === 0) return at - low + 2
      if (at === 0) break
    }
    return 0
  }

  #decoded(bytes: Uint8Array): string | null {
    try {
      const text = decoderOf(this.#encoding)?.decode(bytes) ?? null
      return text?.includes('\0') === true ? null : text
    } catch (error) {
      if (error instanceof TypeError) return null
      throw error
    }
  }

  /** The refusal for a stretch that cannot be decoded: it names the first byte that does not fit. */
  #fault(bytes: Uint8Array): Refusal {
    const lineEnd = this.#lastEnd(bytes, '\n') > 0 ? '\n' : '\r'
    let [start, line] = [0, this.#lines + 1]
    let end = this.#nextEnd(bytes, start, lineEnd)
    while (end < bytes.length && this.#decoded(bytes.subarray(start, end)) !== null) {
      ;[start, line] = [end, line + 1]
      end = this.#nextEnd(bytes, start, lineEnd)
    }
    const byte = this.#firstFault(bytes.subarray(start, end))
    const at = start + byte
    const value = this.#unit === 1 ? bytes[at] : this.#unitAt(bytes, at)
    return this.#refusal({ line, byte, value: value ?? null }, this.#lines === 0 ? bytes : new Uint8Array())
  }

  #nextEnd(bytes: Uint8Array, start: number, end: string): number {
    const low = this.#encoding === 'utf-16be' ? 1 : 0
    let at = bytes.indexOf(end.charCodeAt(0), start)
    while (this.#unit === 2 && at >= 0 && (at % 2 !== low || bytes[at + 1 - 2 * low] !== 0)) {
      at = bytes.indexOf(end.charCodeAt(0), at + 1)
    }
    return at < 0 ? bytes.length : at + this.#unit - low
  }

  /** The offset of the first invalid character in a line that has one. */
  #firstFault(line: Uint8Array): number {
    const decoder = new TextDecoder(this.#encoding, { fatal: true, ignoreBOM: true })
    let good = 0
    try {
      for (let at = 0; at < line.length; at += 1) {
        const character = decoder.decode(line.subarray(at, at + 1), { stream: true })
        if (character.includes('\0')) return good
        if (character !== '') good = at + 1
      }
      decoder.decode()
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
    }
    return good
  }

  /** A unit of UTF-16; null if the text ends within it. */
  #unitAt(bytes: Uint8Array, at: number): number | null {
    const [first, second] = bytes.subarray(at, at + 2)
    if (first === undefined || second === undefined) return null
    return this.#encoding === 'utf-16be' ? first * 256 + second : second * 256 + first
  }

  /** `beginning`: the first bytes of the text, if known. */
  #refusal(at: { line: number; byte: number; value: number | null }, beginning: Uint8Array): Refusal {
    const { name, hint } = this.#source
    const place = `${name}: byte ${at.byte + 1} of line ${at.line}`
    if (at.value === null) {
      const message = `${place} is half of a character: ${this.#encoding} text has an even number of bytes.`
      return new Refusal('invalid', message, hint ?? EXPORT_AGAIN)
    }
    const value = `0x${at.value.toString(16).padStart(this.#unit * 2, '0')}`
    if (at.value !== 0) {
      const another = this.#unit === 1 ? TRY_ANOTHER : EXPORT_AGAIN
      return new Refusal('invalid', `${place} (${value}) is not valid ${this.#encoding}.`, hint ?? another)
    }
    const message = `${place} is a NUL (${value}), which does not occur in ${this.#encoding} text.`
    return new Refusal('invalid', message, hint ?? hintOfNuls(beginning))
  }
}

/** An ASCII letter has one NUL in UTF-16 and three in UTF-32; their positions tell which encoding it is. */
function hintOfNuls(beginning: Uint8Array): string {
  const nuls = [0, 0, 0, 0]
  for (const [at, byte] of beginning.subarray(0, 4096).entries()) if (byte === 0) nuls[at % 4] = (nuls[at % 4] ?? 0) + 1
  const [a = 0, b = 0, c = 0, d = 0] = nuls
  if (c > 0 && ((a === 0 && b + d > 0 && d >= c / 2) || (d === 0 && a > 0 && b > 0)))
    return `The file seems to be UTF-32 text, which is not supported. ${SAVE_AS_UTF_8}`
  if (a + c === 0 && b + d > 1) return 'If the file is UTF-16 text, add --encoding utf-16le.'
  if (b + d === 0 && a + c > 1) return 'If the file is UTF-16 text, add --encoding utf-16be.'
  return 'Check whether the file is text, or remove the NUL.'
}

const SAVE_AS_UTF_8 = 'Save it as UTF-8.'
const EXPORT_AGAIN = 'The file is damaged, or in another encoding: export it again, best as UTF-8.'
const TRY_ANOTHER =
  'Save it as "CSV UTF-8", or name its encoding. For Excel on Windows in Western Europe: --encoding windows-1252.'

/** The refusal for a file that cannot be read; any other error is a bug and stays as it is. */
export function unreadable(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  const code = String(error.code)
  if (code === 'ENOENT') return new Refusal('not-found', `There is no file ${path}.`)
  if (code === 'EISDIR') return new Refusal('invalid', `${path} is a folder, not a file.`)
  if (/^E[A-Z]+$/.test(code)) return new Refusal('unavailable', `${path} cannot be read: ${error.message}.`)
  return error
}

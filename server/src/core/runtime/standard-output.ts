/**
 * Standard output and standard error, as the program uses them. Nothing here waits, throws, or ends the program.
 *
 * 1. A destination that accepts nothing (a pipe or socket that nobody reads, a full disk, a reader that is gone) blocks
 *    nothing: log lines beyond `MAX_WAITING_BYTES` are dropped and counted, and the count is logged once it accepts
 *    lines again.
 * 2. The output of a command is never dropped while somebody may read it.
 */
import { fstatSync, writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import type { Writable } from 'node:stream'
import { systemClock } from './clock.ts'

const MAX_WAITING_BYTES = 1024 * 1024

class Output {
  readonly #fd: 1 | 2
  /** Null for a file or a device, which accepts writes at once. Undefined: not looked up yet. */
  #stream: Writable | null | undefined
  #dropped = 0
  #untold = 0
  /** Whether the last line was cut off in the middle. */
  #isCut = false

  constructor(fd: 1 | 2) {
    this.#fd = fd
  }

  /** How many log lines were dropped so far. */
  get dropped(): number {
    return this.#dropped
  }

  /** Writes a line of the log. */
  write(line: string): void {
    const stream = this.#find()
    if (stream !== null && (stream.destroyed || stream.writableLength + line.length > MAX_WAITING_BYTES)) {
      this.#drop()
      return
    }
    const text = this.#untold === 0 ? line : `${this.#isCut ? '\n' : ''}${lineOf(this.#untold)}${line}`
    const told = this.#untold
    this.#untold = 0
    this.#isCut = false
    this.#put(text, (error) => {
      if (error === null) return
      this.#untold += told
      this.#drop()
    })
  }

  /** Writes the output of a command. `failed` gets the reason why nobody can read it. */
  print(text: string, failed: (error: NodeJS.ErrnoException) => void): void {
    this.#put(text, (error) => {
      if (error !== null) failed(error)
    })
  }

  /** Resolves when the reader has received everything. */
  async flushed(): Promise<void> {
    const stream = this.#find()
    if (stream === null || stream.destroyed || stream.writableLength === 0) return
    await new Promise<void>((resolve) => void stream.write('', () => resolve()))
  }

  #put(text: string, done: (error: NodeJS.ErrnoException | null) => void): void {
    const stream = this.#find()
    if (stream !== null) {
      stream.write(text, (error) => done(error ?? null))
      return
    }
    const bytes = Buffer.from(text)
    let written = 0
    try {
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written)
      done(null)
    } catch (error) {
      this.#isCut ||= written > 0
      done(error as NodeJS.ErrnoException)
    }
  }

  #drop(): void {
    this.#dropped += 1
    this.#untold += 1
  }

  #find(): Writable | null {
    if (this.#stream === undefined) this.#stream = isDirect(this.#fd) ? null : streamOf(this.#fd)
    return this.#stream
  }
}

export const standardOutput = new Output(1)
export const standardError = new Output(2)

/** Node writes at once as much as the system accepts, and keeps the rest, for pipes and sockets. */
function streamOf(fd: 1 | 2): Writable {
  const stream: Writable = fd === 1 ? process.stdout : process.stderr
  // Its reader is gone: each write gets the error in its callback.
  stream.on('error', () => undefined)
  return stream
}

function isDirect(fd: number): boolean {
  const stats = fstatSync(fd)
  return !isatty(fd) && (stats.isFile() || stats.isCharacterDevice())
}

function lineOf(dropped: number): string {
  const msg = 'log lines were dropped because standard output did not accept them'
  return `${JSON.stringify({ level: 40, time: systemClock(), dropped, msg })}\n`
}

/** The output of the command line to its terminal: the only way there, so that no text from elsewhere steers it. */
import { styleText } from 'node:util'
import { writtenOut } from '@rejoin/shared/visible.ts'
import { standardError, standardOutput } from './standard-output.ts'

/** To standard output. */
export function print(text: string): void {
  printAsItIs(writtenOut(text))
}

/** Text, or text in a colour where standard output is a terminal and NO_COLOR is not set. */
export type Piece = string | readonly [colour: Colour, text: string]
export type Colour = 'green' | 'blue' | 'yellow' | 'red' | 'bold'

/** To standard output. */
export function printPieces(pieces: readonly Piece[]): void {
  const texts = pieces.map((piece) =>
    typeof piece === 'string' ? writtenOut(piece) : styleText(piece[0], writtenOut(piece[1])),
  )
  printAsItIs(texts.join(''))
}

/** For a program that reads it. */
export function printAsItIs(text: string): void {
  standardOutput.print(text, (error) => {
    // A reader that has read enough hangs up.
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED' || process.exitCode !== undefined) return
    process.exitCode = 1
    printError(`Cannot write to standard output: ${error.message}\n`)
  })
}

/** Writes to standard output of a program that keeps running; the text is lost if nobody can read it. */
export function announce(text: string): void {
  standardOutput.write(writtenOut(text))
}

/** To standard error. */
export function printError(text: string): void {
  standardError.print(writtenOut(text), () => undefined)
}

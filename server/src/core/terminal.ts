/** What the command line writes to its terminal: the only way there, so that no text from elsewhere steers it. */
import { writtenOut } from '@rejoin/shared/visible.ts'
import { standardError, standardOutput } from './standard-output.ts'

/** To standard output. */
export function print(text: string): void {
  printAsItIs(writtenOut(text))
}

/** For a program that reads it. */
export function printAsItIs(text: string): void {
  standardOutput.print(text, (error) => {
    // Who has read enough hangs up.
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED' || process.exitCode !== undefined) return
    process.exitCode = 1
    complain(`Standard output does not take what there is to say: ${error.message}\n`)
  })
}

/** To standard output of what runs on and on: it is lost where nobody can read it. */
export function announce(text: string): void {
  standardOutput.write(writtenOut(text))
}

/** To standard error. */
export function complain(text: string): void {
  standardError.print(writtenOut(text), () => undefined)
}

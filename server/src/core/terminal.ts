/** What the command line writes to its terminal: the only way there, so that no text from elsewhere steers it. */
import { writtenOut } from '@rejoin/shared/visible.ts'

/** To standard output. */
export function print(text: string): void {
  process.stdout.write(writtenOut(text))
}

/** To standard error. */
export function complain(text: string): void {
  process.stderr.write(writtenOut(text))
}

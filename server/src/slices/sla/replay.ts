/** `rejoin sla replay`: what the engine says of the stories in a file. It reads nothing else and writes no data. */
import { Refusal } from '@rejoin/shared/errors.ts'
import { replayFile } from './engine/replay/replay.ts'
import { readText } from '../../core/input/outside-text.ts'
import { print } from '../../core/runtime/terminal.ts'

/** Prints one JSON object a line for each vector, or throws a `Refusal` that names each fault, and prints none. */
export function replayToOutput(path: string): void {
  const lines = replayFile(parsed(path)).map((replayed) => `${JSON.stringify(replayed)}\n`)
  print(lines.join(''))
}

function parsed(path: string): unknown {
  const text = readText(path, { hint: 'Save it as UTF-8.' })
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new Refusal('invalid', `${path} is not JSON: ${error.message}.`, 'Correct the file and try again.')
  }
}

/** `rejoin import people` and `rejoin export people`, while no server runs on the data directory. */
import { Refusal } from '@rejoin/shared/errors.ts'
import { writeFileSync } from 'node:fs'
import { oneLine } from '@rejoin/shared/visible.ts'
import type { ImportedLine } from '../slices/accounts/contract/people.ts'
import { linesOf } from '../slices/accounts/people/csv.ts'
import { LETTERS_WAIT } from '../slices/accounts/invitations/ask-in.ts'
import { countBy, exportPeople, isAsked, importPerson, importedLine } from '../slices/accounts/people/import-export.ts'
import type { Config } from '../operations/config/config.ts'
import { SYSTEM_ID } from '../core/ids.ts'
import { readText } from '../core/input/outside-text.ts'
import { withApp } from './with-app.ts'
import { print, printAsItIs } from '../core/runtime/terminal.ts'

const AS_SYSTEM = { actorId: SYSTEM_ID }
/** The mark by which a spreadsheet recognises UTF-8. */
const MARK = '\uFEFF'

/**
 * Adds the people who are missing, and names each line that it leaves out. Throws `Refusal` if the file is no list of
 * people.
 */
export async function importPeople(config: Config, path: string, encoding?: string): Promise<void> {
  const rows = linesOf(readText(path, { encoding }), path)
  const lines: ImportedLine[] = []
  let isAnyAsked = false
  await withApp(config, async ({ commits }) => {
    for (const { line, cells } of rows) {
      const done = await commits.commit(importPerson, cells, AS_SYSTEM)
      lines.push(importedLine(line, done))
      if (isAsked(cells, done)) isAnyAsked = true
    }
  })
  const { added = 0, there = 0, 'left-out': leftOut = 0 } = countBy(lines)
  const summary = `${rows.length} rows: ${added} added, ${there} already there, ${leftOut} left out`
  const reasons = lines.flatMap(({ line, message }) => (message === undefined ? [] : [`line ${line}: ${message}`]))
  const letters = !isAnyAsked
    ? []
    : [config.mail === null ? LETTERS_WAIT : 'The server sends the invitations when it runs.']
  print(`${[summary, ...reasons.map(oneLine), ...letters].join('\n')}\n`)
  if (leftOut > 0) process.exitCode = 1
}

/** Writes to the file, or to standard output without one; with a byte order mark, unless `bom` is false. */
export async function exportPeopleTo(
  config: Config,
  path: string | undefined,
  { bom }: { readonly bom: boolean },
): Promise<void> {
  await withApp(config, async ({ commits }) => {
    const { output } = await commits.commitOrThrow(exportPeople, undefined, AS_SYSTEM)
    const text = bom ? `${MARK}${output}` : output
    // A file gets the names unchanged; so does a program that reads the output.
    if (path === undefined) {
      if (process.stdout.isTTY) print(output)
      else printAsItIs(text)
    }
    // The file is readable for its owner only.
    else writeOut(path, text)
  })
}

function writeOut(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600 })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Refusal(
      'invalid',
      `${path} cannot be written: ${reason}.`,
      'Name a file in a folder that this user can write to.',
    )
  }
}

/** Mistyped input is refused in a sentence, and no command but `serve` and `init` makes a workspace of it. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { expect, it } from 'vitest'
import { commandLine } from '@rejoin/server/cli/program.ts'
import { makeWorkspace } from '../harness/empty-workspace.ts'
import { rejoin } from '../harness/rejoin.ts'

const MAKERS = new Set(['serve', 'init', 'restore'])
/** The further arguments of each; `FILE` is one that it can read. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  'sla explain': ['TKT-0001'],
  'user reset-mfa': ['ada@example.com'],
  'user reset-password': ['ada@example.com'],
  'import people': ['FILE'],
  'sla holidays': ['FILE', '--calendar', 'Always'],
}

/** Commands on a data directory, by their words. */
function onData(command = commandLine({}), words: readonly string[] = []): string[] {
  const own = command.options.some(({ long }) => long === '--data-dir') ? [words.join(' ')] : []
  return [...own, ...command.commands.flatMap((each: Command) => onData(each, [...words, each.name()]))]
}

function temporary() {
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-mistyped-'))
  const people = join(folder, 'people.csv')
  writeFileSync(people, 'name,email,role\nAda,ada@example.com,agent\n')
  return { folder, people, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) }
}

// It refuses a file that is no incident log first; `tests/import` has one.
const COMMANDS = onData().filter((words) => !MAKERS.has(words) && words !== 'import servicenow')

it.each(COMMANDS)('rejoin %s makes no workspace of a mistyped folder', async (words) => {
  using here = temporary()
  const typo = join(here.folder, 'typo')
  const rest = (ARGUMENTS[words] ?? []).map((each) => (each === 'FILE' ? here.people : each))
  const { code, out, errors } = await rejoin([...words.split(' '), ...rest, '--data-dir', typo])
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(errors).toBe(
    `There is no database ${typo}/rejoin.db. Name its folder with --data-dir or REJOIN_DATA_DIR. "rejoin init" makes a new one.\n`,
  )
  expect(existsSync(typo)).toBe(false)
})

it.each([
  {
    what: 'a backup that is not there',
    args: ['restore', 'none.tar.zst'],
    says: /^There is no file none\.tar\.zst\. Name a backup/,
  },
  { what: 'a folder for a backup', args: ['restore', '.'], says: /^\. is not a file\. Name a backup/ },
  {
    what: 'a backup that is not there, to try',
    args: ['restore', 'none', '--verify'],
    says: /^There is no file none\./,
  },
  {
    what: 'a public key that is none',
    args: ['backup', '--recipient', 'xyz'],
    says: /^xyz is not an age public key\. It begins with age1/,
  },
  {
    what: 'a public key that was not copied whole',
    args: ['backup', '--recipient', 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8'],
    says: /^age1\w+ is not an age public key\./,
  },
  {
    what: 'a passphrase file that is not there',
    args: ['backup', '--passphrase-file', 'none'],
    says: /^There is no file none\./,
  },
  { what: 'a number of backups that is none', args: ['backup', '--keep', '0'], says: /^error: .*1 or more/ },
  {
    what: 'a folder for backups that is a file',
    args: ['backup', '--to', 'people.csv'],
    says: /^Cannot write a backup of .* to /,
  },
  {
    what: 'a file to export to in no folder',
    args: ['export', 'people', 'none/people.csv'],
    says: /^none\/people\.csv cannot be written: /,
  },
  {
    what: 'a settings file that is not there',
    args: ['doctor', '--env-file', 'none'],
    says: /^There is no settings file .*none\. /,
  },
  {
    what: 'a new key over another file',
    args: ['backup', 'new-key', 'people.csv'],
    says: /^Cannot write the key: /,
  },
])('says in a sentence what is wrong with $what', async ({ args, says }) => {
  using here = temporary()
  const dataDir = join(here.folder, 'data')
  if (args[0] !== 'restore') makeWorkspace(dataDir)
  const at = args.includes('new-key') ? [] : ['--data-dir', dataDir]
  const { code, out, errors } = await rejoin([...args, ...at], { cwd: here.folder })
  expect(errors).toMatch(says)
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(errors).not.toMatch(/\n\s+at /)
})

it.each(['serve', 'init'])('rejoin %s does not begin with a public key that encrypts nothing', async (command) => {
  using here = temporary()
  const dataDir = join(here.folder, 'data')
  const env = { REJOIN_BACKUP_RECIPIENT: 'age1xyz', REJOIN_PORT: '0' }
  const { code, errors } = await rejoin([command, '--data-dir', dataDir], { env })
  expect({ code, errors }).toEqual({ code: 1, errors: expect.stringMatching(/^age1xyz is not an age public key\./) })
})

/** docs/operations.md: each command of its blocks runs as it stands, in order, on a machine with only the archive. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { expect, it } from 'vitest'
import { commandLine } from '@rejoin/server/cli/program.ts'
import { ALWAYS_OPEN } from '@rejoin/shared/sla/calendar.ts'
import { csv, LIFE } from '../import/place.ts'
import { Customer } from './customer.ts'
import { CAN_UNSHARE, commandsOfInstall, runOnMachine, withoutComments } from './machine.ts'

const ADA = { name: 'Ada', email: 'ada@example.com', password: 'correct horse battery' }

/** Commands that do not run here, by the start of the line, and why. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'docker ': 'there is no Docker in a test; tests/operate/operator-files.test.ts reads the files that it reads',
  'sudo -u rejoin litestream ': 'Litestream is a program of others, and needs a place that it copies to',
}

/** The first administrator, who makes the calendar that the handbook names. */
const SET_UP = `
call() { curl -fsS "http://127.0.0.1:4700/trpc/$1" -H 'content-type: application/json' "\${@:3}" -d "$2"; }
setup=$(sed -n 's/.*setup#//p' "$LOG" | tail -n 1)
token=$(call accounts.setUp '${JSON.stringify(ADA).replace('{', '{"token":"\'$setup\'",')}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
call sla.calendars.create '${JSON.stringify({ name: 'Office', value: ALWAYS_OPEN })}' -H "authorization: Bearer $token"`

const NEWEST = (folder: string) => `BACKUP=$(ls -t ${folder} | head -n 1)`

const BY_HAND: Readonly<Record<string, string>> = {
  'journalctl -u rejoin': SET_UP,
  'sudo -u rejoin rejoin backup': NEWEST('/var/lib/rejoin/backups'),
  // As Litestream leaves it, with the other files that an operator copies.
  'install -d -o rejoin -g rejoin -m 0700 /var/lib/replica':
    'systemctl stop rejoin; cp -pr /var/lib/rejoin/rejoin.db /var/lib/rejoin/secret.key /var/lib/replica/; systemctl start rejoin',
  'sudo -u rejoin rejoin backup --data-dir /var/lib/replica --to /var/lib/replica/backups':
    NEWEST('/var/lib/replica/backups'),
}

const HOLIDAYS = [
  'BEGIN:VCALENDAR',
  'VERSION:2.0',
  'BEGIN:VEVENT',
  'UID:new-year',
  'SUMMARY:New Year',
  'DTSTART;VALUE=DATE:20270101',
  'END:VEVENT',
  'END:VCALENDAR',
].join('\r\n')

const FILES = {
  'people.csv': 'name,email,role\nBob,bob@example.com,requester\n',
  'incidents.csv': csv(LIFE),
  'holidays.ics': HOLIDAYS,
  'stories.json': readFileSync(join(import.meta.dirname, '../sla/vectors/sla.json'), 'utf8'),
}

function commandsOf(handbook: string): string[] {
  return [...handbook.matchAll(/^ *```sh\n([^]*?)^ *```$/gm)].flatMap(([, block = '']) => withoutComments(block))
}

const isNotRun = (line: string) => Object.keys(NOT_RUN).some((begin) => line.startsWith(begin))

/** Every command that has none below it, by its words. */
function wordsOf(command: Command, words: readonly string[] = []): string[] {
  const below = command.commands.filter((each) => each.name() !== 'complete' && each.name() !== 'help')
  const own = command.commands.length === 0 || words[0] === 'backup' ? [words.join(' ')] : []
  return [...own, ...below.flatMap((each) => wordsOf(each, [...words, each.name()]))].filter((each) => each !== '')
}

it('does all that the handbook says', ({ skip }) => {
  skip(!CAN_UNSHARE, 'only root may mount a file system, and not everywhere')
  using customer = new Customer()
  const handbook = commandsOf(readFileSync(join(customer.unpacked, 'docs/operations.md'), 'utf8'))
  expect(handbook.length).toBeGreaterThan(40)
  for (const begin of Object.keys(NOT_RUN)) expect(handbook).toContainEqual(expect.stringContaining(begin))
  const commands = [
    ...commandsOfInstall(customer, { from: 'install -m 0755', until: 'systemctl enable' }),
    ...handbook.filter((line) => !isNotRun(line)),
  ]
  const { stdout, stderr } = runOnMachine(customer, { commands, byHand: BY_HAND, files: FILES })
  const said = (line: string) =>
    stdout
      .split(`+ ${line}\n`)
      .slice(1)
      .map((text) => text.split('\n+ ')[0])
  for (const text of said('sudo -u rejoin rejoin doctor'))
    expect(text).toMatch(/^(No problems found|Warnings found): /m)
  expect(said('sudo -u rejoin rejoin restore /var/lib/rejoin.old/backups/BACKUP')).toEqual([
    expect.stringMatching(/^Restored: .* 5 tickets, /),
  ])
  expect(said('sudo -u rejoin rejoin restore /var/lib/replica/backups/BACKUP')).toEqual([
    expect.stringMatching(/^Restored: .* 5 tickets, /),
  ])
  expect(said('sudo -u rejoin rejoin sla holidays holidays.ics --calendar Office')[0]).toContain('2027-01-01')
  expect(said('curl -fsS http://127.0.0.1:4700/readyz')[0]).toContain('"ready":true')
  expect(stderr).not.toContain('No settings file')
}, 300_000)

it('shows every command of the command line', () => {
  const handbook = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8')
  const install = readFileSync(join(import.meta.dirname, '../../server/build/release/INSTALL.md'), 'utf8')
  const shown = [...commandsOf(handbook), ...install.split('\n').map((line) => line.trim())]
  const ofDevelopers = ['schema']
  const lacking = wordsOf(commandLine({})).filter((words) => !shown.some((line) => line.includes(`rejoin ${words}`)))
  expect(lacking.filter((words) => !ofDevelopers.includes(words))).toEqual([])
})

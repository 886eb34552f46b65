import type { Command } from 'commander'
import { replayToOutput } from '../../slices/sla/replay.ts'
import { print } from '../../core/runtime/terminal.ts'
import { EXIT } from '../exit-codes.ts'
import {
  configOf,
  encodingOption,
  withDataDir,
  withExamples,
  withJson,
  type AddCommand,
  type DataDirOption,
  type Environment,
  type JsonOption,
} from '../options.ts'
import { explainSla, importHolidaysOf, recomputeSla, type HolidayOptions } from '../sla.ts'

export const addSla: AddCommand = (program, environment) => {
  const sla = program.command('sla').description('explain, check and replay SLA clocks, and import holidays')
  addReplay(sla)
  addExplain(sla, environment)
  addRecompute(sla, environment)
  addHolidays(sla, environment)
}

function addHolidays(sla: Command, environment: Environment): void {
  const list = (value: string, before: readonly string[] = []) => [...before, value]
  const holidays = sla
    .command('holidays <file>')
    .description('add the holidays of an .ics file to a calendar. Stop the server first, except with --dry-run')
    .requiredOption('--calendar <name>', 'name of the calendar')
    .option('--dry-run', 'list the days that would be closed; change nothing; the server may run')
    .option(
      '--leave-out-category <text>',
      'leave out events of this category, or whose description begins with this text',
      list,
    )
    .option('--leave-out-date <day>', 'leave out a day: 2026-10-25, or 10-25 in every year', list)
    .option('--leave-out-uid <uid>', 'leave out the event with this UID', list)
    .addOption(encodingOption())
    .option('--apply-to-open', 'apply the change to open tickets too, not only to new ones')
  withExamples(withJson(withDataDir(holidays)), {
    'rejoin sla holidays germany.ics --calendar Office --dry-run': 'lists the days that would be closed',
    'rejoin sla holidays germany.ics --calendar Office --leave-out-category Observance': 'adds public holidays only',
  }).action((file: string, options: HolidayOptions & DataDirOption & JsonOption) =>
    importHolidaysOf(configOf(environment, options), file, options),
  )
}

function addReplay(sla: Command): void {
  const replay = sla
    .command('replay <file>')
    .description(
      'compute the SLA clocks of tickets described in a JSON file (calendars, defaults, vectors); print one answer per line',
    )
  withExamples(replay, {
    'rejoin sla replay stories.json': 'tests a policy against past tickets',
  }).action((file: string) => replayToOutput(file))
}

function addExplain(sla: Command, environment: Environment): void {
  const explain = sla.command('explain <number>').description('explain the SLA clocks of a ticket; the server may run')
  withExamples(withJson(withDataDir(explain)), {
    'rejoin sla explain TKT-0042': 'prints each span of working time, each pause and level, and the sums',
  }).action((number: string, { json, ...options }: DataDirOption & JsonOption) =>
    explainSla(configOf(environment, options), number, json === true ? { json } : {}),
  )
}

function addRecompute(sla: Command, environment: Environment): void {
  const recompute = sla
    .command('recompute')
    .description('recompute all SLA clocks from the event log and correct those that differ. Stop the server first')
    .option('--dry-run', 'list the differences; change nothing; the server may run; exit code 2 if there are any')
  withExamples(withDataDir(recompute), {
    'rejoin sla recompute --dry-run': 'prints each stored value that differs, and the computed one',
  }).action(async (options: DataDirOption & { dryRun?: boolean }) => {
    const isSound = await recomputeSla(configOf(environment, options), options)
    if (!isSound) process.exitCode = EXIT.found
    else if (options.dryRun === true) print('All SLA clocks match the event log.\n')
  })
}

import type { Command } from 'commander'
import { replayToOutput } from '../../sla/replay.ts'
import { EXIT } from '../exit-codes.ts'
import {
  configOf,
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
  const sla = program.command('sla').description('ask the SLA engine')
  addReplay(sla)
  addExplain(sla, environment)
  addRecompute(sla, environment)
  addHolidays(sla, environment)
}

function addHolidays(sla: Command, environment: Environment): void {
  const list = (value: string, before: readonly string[] = []) => [...before, value]
  const holidays = sla
    .command('holidays <file>')
    .description('close a calendar on the days of an .ics file. The server must be stopped, but for --dry-run')
    .requiredOption('--calendar <name>', 'the calendar that is to be closed')
    .option('--dry-run', 'list the days that would be closed, and write nothing, also while the server runs')
    .option('--leave-out-category <text>', 'leave out events of this category, or whose description begins so', list)
    .option('--leave-out-date <day>', 'leave out a day: 2026-10-25, or 10-25 for every year', list)
    .option('--leave-out-uid <uid>', 'leave out an event', list)
    .option('--apply-to-open', 'measure open tickets anew too, not only new ones')
  withExamples(withJson(withDataDir(holidays)), {
    'rejoin sla holidays germany.ics --calendar Office --dry-run': 'which days would be closed?',
    'rejoin sla holidays germany.ics --calendar Office --leave-out-category Observance': 'public holidays alone',
  }).action(async (file: string, options: HolidayOptions & DataDirOption & JsonOption) =>
    importHolidaysOf(configOf(environment, options), file, options),
  )
}

function addReplay(sla: Command): void {
  const replay = sla
    .command('replay <file>')
    .description('say what it makes of the stories in a JSON file: calendars, defaults and vectors, one answer a line')
  withExamples(replay, {
    'rejoin sla replay stories.json': 'what would this policy have said of these tickets?',
  }).action((file: string) => replayToOutput(file))
}

function addExplain(sla: Command, environment: Environment): void {
  const explain = sla
    .command('explain <number>')
    .description('say why the clocks of a ticket say what they say, also while the server runs')
  withExamples(withJson(withDataDir(explain)), {
    'rejoin sla explain TKT-0042': 'every slice of working time, pause and level, and the arithmetic',
  }).action(async (number: string, { json, ...options }: DataDirOption & JsonOption) =>
    explainSla(configOf(environment, options), number, json === true ? { json } : {}),
  )
}

function addRecompute(sla: Command, environment: Environment): void {
  const recompute = sla
    .command('recompute')
    .description('compute all clocks anew from the log and mend those that differ. The server must be stopped')
    .option('--dry-run', 'list what differs and write nothing, also while the server runs; exit code 2 where it does')
  withExamples(withDataDir(recompute), {
    'rejoin sla recompute --dry-run': 'prints each value that does not follow from the log, and what does',
  }).action(async (options: DataDirOption & { dryRun?: boolean }) => {
    if (!(await recomputeSla(configOf(environment, options), options))) process.exitCode = EXIT.found
  })
}

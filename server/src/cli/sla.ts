/** The commands `rejoin sla …` that look at the data directory. */
import type { Config } from '../operations/config/config.ts'
import { systemClock } from '../core/runtime/clock.ts'
import { openReadOnly } from '../core/storage/db.ts'
import { readText } from '../core/input/outside-text.ts'
import { driftLines, explainNumber, mendDrifting } from '../slices/sla/operator.ts'
import { print } from '../core/runtime/terminal.ts'
import { Workers } from '../core/runtime/workers/workers.ts'
import {
  answerLines,
  importHolidayFile,
  previewHolidayFile,
  type HolidayFile,
} from '../slices/sla/calendars/operator.ts'
import type { EncodingOption } from './options.ts'
import { withApp } from './with-app.ts'

/** Prints how the clocks of a ticket came about, also beside a running server. */
export async function explainSla(config: Config, number: string, { json = false }: { json?: boolean }): Promise<void> {
  const db = await openReadOnly(config.dataDir)
  try {
    print(await explainNumber(db.reader, number, { now: systemClock(), json }))
  } finally {
    db.close()
  }
}

/**
 * Lists the stored clocks that do not follow from the log, and mends them unless it is a dry run. Returns whether all
 * is well.
 */
export async function recomputeSla(config: Config, { dryRun = false }: { dryRun?: boolean }): Promise<boolean> {
  if (!dryRun) return mendAll(config)
  const db = await openReadOnly(config.dataDir)
  try {
    return (await list(db.reader, systemClock)).size === 0
  } finally {
    db.close()
  }
}

function mendAll(config: Config): Promise<boolean> {
  return withApp({ ...config, logLevel: 'warn' }, async (app) => {
    const drifting = await list(app.read, () => app.now())
    await mendDrifting(app.commits, [...drifting])
    print(`${drifting.size} tickets corrected\n`)
    return true
  })
}

async function list(read: Parameters<typeof driftLines>[0], now: () => number): Promise<Set<string>> {
  const drifting = new Set<string>()
  for await (const { ticketId, field, stored, computed } of driftLines(read, now)) {
    drifting.add(ticketId)
    print(`${ticketId}  ${field}: stored ${String(stored)}, computed ${String(computed)}\n`)
  }
  return drifting
}

export interface HolidayOptions extends EncodingOption {
  readonly calendar: string
  readonly dryRun?: true
  readonly leaveOutCategory?: readonly string[]
  readonly leaveOutDate?: readonly string[]
  readonly leaveOutUid?: readonly string[]
  readonly applyToOpen?: true
  readonly json?: true
}

/** Closes a calendar on the days of a file, or lists them. Throws `Refusal`. */
export async function importHolidaysOf(config: Config, path: string, options: HolidayOptions): Promise<void> {
  const { leaveOutCategory: categories, leaveOutDate: dates, leaveOutUid: uids } = options
  const file = {
    calendar: options.calendar,
    ics: readText(path, { encoding: options.encoding }),
    leaveOut: { categories, dates, uids },
  }
  const applyTo = options.applyToOpen === true ? 'open' : 'new'
  const isDryRun = options.dryRun === true
  const answer = isDryRun
    ? await previewed(config, file)
    : await withApp(config, (app) => importHolidayFile(app, file, applyTo))
  print(options.json === true ? `${JSON.stringify(answer)}\n` : `${answerLines(answer, isDryRun).join('\n')}\n`)
}

async function previewed(config: Config, file: HolidayFile) {
  const db = await openReadOnly(config.dataDir)
  const workers = new Workers()
  try {
    return await previewHolidayFile({ read: db.reader, workers, now: systemClock() }, file)
  } finally {
    await workers.close()
    db.close()
  }
}

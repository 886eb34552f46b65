/** `rejoin doctor`: checks the data on disk and its surroundings, also beside a running server. */
import '../../tables.ts'
import type { AuditHead } from '../../core/audit.ts'
import type { Config } from '../../operations/config/config.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import type { AuditReport } from '../../slices/audit/verify.ts'
import { isStorageFailure } from '../../core/storage/sqlite.ts'
import { openReadOnly, type Read } from '../../core/storage/db.ts'
import { RecoveryPage } from '../../doors/sync/contract.ts'
import { recoveryReport } from '../../doors/sync/recoveries.ts'
import { lookAtAudit, lookAtClock, lookAtDerived, lookAtOutbox, lookAtWaiting } from './data.ts'
import type { Finding } from './finding.ts'
import { fixAll } from './fix.ts'
import {
  lookAtDatabase,
  lookAtLeftovers,
  lookAtMounts,
  lookAtRights,
  lookAtRoom,
  RESTORE_HINT,
} from './data-directory.ts'
import { lookAtNames } from './names.ts'
import { lookAtRows } from './rows.ts'
import { lookAtTimes } from './times.ts'
import { lookAtSizes } from './sizes.ts'
import { piecesOf } from './text.ts'
import { lookAtAddress, lookAtBackups, lookAtMail } from './surroundings.ts'
import { print, printPieces } from '../../core/runtime/terminal.ts'

export interface DoctorOptions {
  readonly json?: boolean
  /** The head of the audit log that an earlier run printed. */
  readonly auditHead?: AuditHead
  /** Whether to apply the safe fixes for its findings. */
  readonly fix?: boolean
}

/** Prints its findings. Returns whether nothing is wrong. Throws `Refusal` if there is no database to check. */
export async function doctor(
  config: Config,
  { json = false, fix = false, auditHead }: DoctorOptions,
): Promise<boolean> {
  const noted = auditHead ?? null
  let seen = await look(config, noted)
  let fixed = 0
  if (fix) {
    fixed = await fixAll(config, seen.findings)
    if (fixed > 0) seen = await look(config, noted)
  }
  const ok = seen.findings.every(({ severity }) => severity !== 'error')
  if (json) print(`${JSON.stringify({ ok, fixed, ...seen })}\n`)
  else printPieces(piecesOf(seen, fixed))
  return ok
}

async function look(config: Config, noted: AuditHead | null) {
  const { dataDir } = config
  const db = await openReadOnly(dataDir)
  try {
    const { reader } = db
    const database = lookAtDatabase(dataDir)
    const isWhole = database.every(({ severity }) => severity === 'ok')
    let audit: AuditReport | null = null
    const lookAtLog = async () => {
      const seen = await lookAtAudit(reader, noted)
      audit = seen.audit
      return [seen.finding]
    }
    const findings = [...database]
    const looks = [...looksAtData(reader, isWhole), ['audit log', lookAtLog] as const, ...looksAround(config, reader)]
    for (const [check, lookAt] of looks) findings.push(...(await orUnreadable(check, lookAt)))
    const recoveries = isWhole ? await recoveryReport(reader, RecoveryPage.parse({})) : []
    return { findings, audit: audit as AuditReport | null, recoveries }
  } finally {
    db.close()
  }
}

type Look = readonly [check: string, () => Finding[] | Promise<Finding[]>]

function looksAtData(reader: Read, isWhole: boolean): readonly Look[] {
  return [
    ['rows', () => lookAtRows(reader)],
    ['names', () => lookAtNames(reader)],
    // Unreadable data cannot be judged.
    ['invariants', () => (isWhole ? lookAtDerived(reader) : [])],
    ['sizes', async () => [await lookAtSizes(reader)]],
  ]
}

function looksAround(config: Config, reader: Read): readonly Look[] {
  const { dataDir } = config
  const now = systemClock()
  return [
    ['clock', () => lookAtClock(reader, now)],
    ['times', () => lookAtTimes(reader, now)],
    ['disk', () => lookAtRoom(dataDir)],
    ['rights', () => lookAtRights(dataDir)],
    ['mount', () => lookAtMounts(dataDir)],
    ['leftovers', () => lookAtLeftovers(dataDir)],
    ['address', () => lookAtAddress(config)],
    ['mail', () => lookAtMail(config)],
    ['backups', () => lookAtBackups(config, now)],
    ['devices', () => lookAtWaiting(reader, now)],
    ['outbox', () => lookAtOutbox(reader, now)],
  ]
}

/** Data that SQLite cannot read is a finding, and the other checks go on. */
async function orUnreadable(check: Look[0], lookAt: Look[1]): Promise<Finding[]> {
  try {
    return await lookAt()
  } catch (error) {
    if (!isStorageFailure(error)) throw error
    return [
      { check, severity: 'error', message: `SQLite cannot read this data: ${String(error)}.`, hint: RESTORE_HINT },
    ]
  }
}

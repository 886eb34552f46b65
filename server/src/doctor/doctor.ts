/** `rejoin doctor`: looks at the data as it is on disk, also beside a running server, and changes nothing. */
import '../tables.ts'
import type { AuditHead } from '../core/audit.ts'
import { verifyAudit } from '../audit/verify.ts'
import type { Config } from '../config.ts'
import { openReadOnly } from '../core/db.ts'
import { recoveryReport } from '../sync/recoveries.ts'

export interface DoctorOptions {
  readonly json?: boolean
  /** The head of the audit log as an earlier run has printed it. */
  readonly auditHead?: AuditHead
}

/** Prints what it finds. Returns whether all is well. Throws `Refusal` when there is no database to look at. */
export async function doctor(config: Config, { json = false, auditHead }: DoctorOptions): Promise<boolean> {
  const db = await openReadOnly(config.dataDir)
  try {
    const audit = await verifyAudit(db.reader, auditHead ?? null)
    const recoveries = await recoveryReport(db.reader)
    const ok = audit.problem === null
    const lines = [ofAudit(audit), ...recoveries.map(ofRecovery)]
    process.stdout.write(json ? `${JSON.stringify({ ok, audit, recoveries })}\n` : `${lines.join('\n')}\n`)
    return ok
  } finally {
    await db.close()
  }
}

function ofAudit({ rows, head, problem }: Awaited<ReturnType<typeof verifyAudit>>): string {
  const mark = `${head.number}:${head.hash}`
  if (problem === null) return `audit log: ${rows} rows, unbroken; note its head elsewhere: ${mark}`
  return `audit log: ${problem} Somebody has changed it past the program. Compare it with a backup.`
}

function ofRecovery(recovery: Awaited<ReturnType<typeof recoveryReport>>[number]): string {
  const { beganAt, devices, finished, offered, recovered, parked, refused, known } = recovery
  return (
    `recovery of ${new Date(beganAt).toISOString()}: ${finished} of ${devices.length} devices have brought what the server had lost; ` +
    `${offered} commands offered: ${recovered} recovered, ${parked} parked, ${refused} refused, ${known} not lost`
  )
}

/** Checks the data: derived state, the history, the clock that wrote it, and devices with waiting work. */
import type { AuditHead } from '../../core/audit.ts'
import type { Read } from '../../core/storage/db.ts'
import { KINDS } from '../../nouns.ts'
import { verifyAudit } from '../../slices/audit/verify.ts'
import { devicesByWait, skewedDevices } from './devices.ts'
import { counterFaults, derivedFaults } from './derived.ts'
import { fine, type Finding } from './finding.ts'

const HOUR_MS = 3_600_000
/** No clock of a machine should be off by more. */
const MAX_SKEW_MS = 5 * 60_000
const LONG_WAIT_MS = 24 * HOUR_MS

export async function lookAtDerived(read: Read): Promise<Finding[]> {
  const faults = await derivedFaults({ read, kinds: KINDS })
  const [first] = faults
  const counters = await counterFaults(read)
  const ofCounters = counters.map((message): Finding => {
    return {
      check: 'numbers',
      severity: 'error',
      message,
      hint: 'Creating the next ticket would fail. Restore a backup and report this.',
    }
  })
  if (first === undefined) return [fine('invariants', 'Documents and audiences match their rows.'), ...ofCounters]
  const message = `${faults.length} documents or their audiences do not match their rows; ${first.problem}`
  const hint = 'Stop the server and run "rejoin doctor --fix", which rebuilds them and informs devices.'
  const fix = { kind: 'rebuild', ids: faults.map(({ documentId }) => documentId) } as const
  return [{ check: 'invariants', severity: 'error', message, hint, fix }, ...ofCounters]
}

export async function lookAtAudit(read: Read, noted: AuditHead | null) {
  const audit = await verifyAudit(read, noted)
  const mark = `${audit.head.number}:${audit.head.hash}`
  const finding: Finding =
    audit.problem === null
      ? fine('audit log', `${audit.rows} rows, chain intact; note the head elsewhere: ${mark}`)
      : {
          check: 'audit log',
          severity: 'error',
          message: `${audit.problem} Somebody changed the log without Rejoin.`,
          hint: 'Compare the log with a backup.',
        }
  return { audit, finding }
}

/** `now` is by the machine's clock: no written time can be later. */
export async function lookAtClock(read: Read, now: number): Promise<Finding[]> {
  const { latest } = await read
    .selectFrom('revision')
    .select(({ fn }) => fn.max<number | null>('at').as('latest'))
    .executeTakeFirstOrThrow()
  const devices = await skewedDevices(read, MAX_SKEW_MS)
  const ahead = (latest ?? 0) - now
  const ofMachine: Finding =
    ahead <= MAX_SKEW_MS
      ? fine('clock', 'No change is dated in the future.')
      : {
          check: 'clock',
          severity: 'error',
          message: `The newest change is dated ${new Date(latest ?? 0).toISOString()}, ${hours(ahead)} ahead of this machine's clock.`,
          hint: 'Set the clock (NTP) before you start the server: due times and sessions depend on it.',
        }
  if (devices === 0) return [ofMachine]
  const message = `The clocks of ${devices} devices are more than five minutes off; the server times their work.`
  return [ofMachine, { check: 'device clocks', severity: 'note', message }]
}

export async function lookAtWaiting(read: Read, now: number): Promise<Finding[]> {
  const [longest] = await devicesByWait(read, now, 1)
  if (longest === undefined) return [fine('devices', 'No device has reported waiting work.')]
  const { deviceId, person, waitedMs } = longest
  const isLong = waitedMs > LONG_WAIT_MS
  const message = `Work has waited longest on the device ${deviceId} of ${person}: ${hours(waitedMs)}, as of its last report.`
  const hint = { hint: 'Ask the person to connect the device, or find out why it cannot connect.' }
  return [{ check: 'devices', severity: isLong ? 'warning' : 'note', message, ...(isLong && hint) }]
}

export async function lookAtOutbox(read: Read, now: number): Promise<Finding[]> {
  const aside = await read
    .selectFrom('outbox')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('setAside', 'is not', null)
    .executeTakeFirstOrThrow()
  const due = await read
    .selectFrom('outbox')
    .select(({ fn }) => fn.min<number | null>('createdAt').as('since'))
    .where('sentAt', 'is', null)
    .where('setAside', 'is', null)
    .executeTakeFirstOrThrow()
  const findings: Finding[] = []
  if (aside.count > 0) {
    const message = `${aside.count} messages are set aside.`
    findings.push({
      check: 'outbox',
      severity: 'warning',
      message,
      hint: 'See mail.failed, then retry or discard them.',
    })
  }
  if (due.since !== null && now - due.since > HOUR_MS) {
    const message = `A message has waited for ${hours(now - due.since)}.`
    findings.push({ check: 'outbox', severity: 'warning', message, hint: 'See mail.waiting for the reason.' })
  }
  return findings.length === 0 ? [fine('outbox', 'No message waits for long or is set aside.')] : findings
}

function hours(ms: number): string {
  return `${(ms / HOUR_MS).toFixed(1)} hours`
}

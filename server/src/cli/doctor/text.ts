/** The findings of the doctor for a person: a line each, then the number of each kind. */
import { oneLine } from '@rejoin/shared/visible.ts'
import type { Colour, Piece } from '../../core/runtime/terminal.ts'
import type { recoveryReport } from '../../doors/sync/recoveries.ts'
import type { Finding, Severity } from './finding.ts'

const COLOURS: Readonly<Record<Severity, Colour>> = { ok: 'green', note: 'blue', warning: 'yellow', error: 'red' }

type Recovery = Awaited<ReturnType<typeof recoveryReport>>[number]

interface Seen {
  readonly findings: readonly Finding[]
  readonly recoveries: readonly Recovery[]
}

export function piecesOf({ findings, recoveries }: Seen, fixed: number): Piece[] {
  return [
    ...findings.flatMap(ofFinding),
    ...recoveries.map((recovery) => `${ofRecovery(recovery)}\n`),
    ...(fixed === 0 ? [] : [`${counted(fixed, 'repair')} done; the findings above are from a new check.\n`]),
    ...summaryOf(findings),
  ]
}

function ofFinding({ check, severity, message, hint }: Finding): Piece[] {
  const text = oneLine(`${check}: ${message}${hint === undefined ? '' : ` ${hint}`}`)
  return [[COLOURS[severity], severity.padEnd(7)], ` ${text}\n`]
}

function summaryOf(findings: readonly Finding[]): Piece[] {
  const countOf = (severity: Severity) => findings.filter((each) => each.severity === severity).length
  const [errors, warnings, notes] = [countOf('error'), countOf('warning'), countOf('note')]
  const worst = errors > 0 ? 'error' : warnings > 0 ? 'warning' : 'ok'
  const verdict = { error: 'Errors found', warning: 'Warnings found', ok: 'No problems found' }[worst]
  const counts = `${counted(errors, 'error')}, ${counted(warnings, 'warning')}, ${counted(notes, 'note')}`
  return ['\n', [COLOURS[worst], `${verdict}:`], ` ${counts}, ${countOf('ok')} ok.\n`]
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function ofRecovery(recovery: Recovery): string {
  const { beganAt, devices, finished, offered, recovered, parked, refused, known } = recovery
  return (
    `recovery of ${new Date(beganAt).toISOString()}: ${finished} of ${devices.length} devices have sent back the work that the server had lost; ` +
    `${offered} commands offered: ${recovered} recovered, ${parked} parked, ${refused} refused, ${known} not lost`
  )
}

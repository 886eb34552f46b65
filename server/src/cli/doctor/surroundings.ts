/** Checks the surroundings of the server: addresses, mail, backups. */
import { statSync } from 'node:fs'
import { aheadIn, newestAt } from '../../operations/backup/folder.ts'
import type { Config } from '../../operations/config/config.ts'
import { smtpProblem } from '../../slices/mail/smtp.ts'
import { isEveryAddress } from '../../core/runtime/addresses.ts'
import { fine, type Finding } from './finding.ts'

const DAY_MS = 24 * 3_600_000
const OLD_BACKUP_MS = 2 * DAY_MS

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]']

export function lookAtAddress({ publicUrl, isPublicUrlSet, host, mail, tls }: Config): Finding[] {
  const { protocol, hostname } = new URL(publicUrl)
  const isHereOnly = LOOPBACK.includes(hostname)
  if (isHereOnly && !isPublicUrlSet && mail !== null) {
    const message = `Links in emails begin with ${publicUrl}, which opens on this machine only.`
    const hint = 'Set REJOIN_PUBLIC_URL to the address that people open.'
    return [{ check: 'address', severity: 'warning', message, hint }]
  }
  if (protocol === 'https:' || tls !== null || (isHereOnly && !isEveryAddress(host))) {
    return [fine('address', `People reach the server at ${publicUrl}.`)]
  }
  const message = `People reach the server at ${publicUrl} without encryption: others on the network can read passwords.`
  const hint =
    'Set REJOIN_TLS_CERT_FILE and REJOIN_TLS_KEY_FILE, or put a proxy with TLS in front and set REJOIN_PUBLIC_URL.'
  return [{ check: 'address', severity: 'warning', message, hint }]
}

export async function lookAtMail({ mail }: Config): Promise<Finding[]> {
  if (mail === null) {
    const message = 'No mail server is configured: emails wait.'
    return [{ check: 'mail', severity: 'note', message, hint: 'Set REJOIN_SMTP_URL and REJOIN_MAIL_FROM.' }]
  }
  const problem = await smtpProblem(mail)
  if (problem === null) return [fine('mail', 'Mail server reachable, login accepted.')]
  const message = `The mail server cannot be used: ${problem}.`
  return [
    {
      check: 'mail',
      severity: 'error',
      message,
      hint: 'Check REJOIN_SMTP_URL. Emails wait until the mail server works.',
    },
  ]
}

export function lookAtBackups({ backup, dataDir }: Config, now: number): Finding[] {
  const ahead = aheadIn(backup.folder, now).map((file): Finding => {
    const message = `${file} is dated in the future: it does not count, and is never removed.`
    const hint = 'Set the clock if it is wrong. If it is right, remove or rename the file.'
    return { check: 'backups', severity: 'warning', message, hint }
  })
  const newest = newestAt(backup.folder, now)
  if (newest === null) {
    const message = `There is no backup in ${backup.folder}.`
    return [
      ...ahead,
      { check: 'backups', severity: 'warning', message, hint: 'Set REJOIN_BACKUP_SCHEDULE, or run "rejoin backup".' },
    ]
  }
  const findings = [...ahead]
  if (now - newest > OLD_BACKUP_MS) {
    const message = `The newest backup was made at ${new Date(newest).toISOString()}.`
    findings.push({
      check: 'backups',
      severity: 'warning',
      message,
      hint: 'The log says why there is no newer one.',
    })
  }
  if (statSync(backup.folder).dev === statSync(dataDir).dev) {
    const message = 'The backups are on the same disk as the data.'
    findings.push({
      check: 'backups',
      severity: 'note',
      message,
      hint: 'Set REJOIN_BACKUP_DIR to a folder on another disk, or copy them there.',
    })
  }
  return findings.length === 0
    ? [fine('backups', 'The newest backup is at most two days old, and on another disk.')]
    : findings
}

/** Reads the mail that has not gone out: letters that wait and letters that are set aside. Never shows their text. */
import { sql } from 'kysely'
import { mustAnywhere } from '../accounts/queries.ts'
import type { Read } from '../../core/storage/db.ts'
import { isBeyond } from '../../core/input/paging.ts'
import { storedJson } from '../../core/storage/stored-json.ts'
import type { QueryContext } from '../../core/api/procedures.ts'
import type { MailPage } from './contract.ts'
import type { Mail } from './tables.ts'

/** Mail that was refused, failed too often, or that may have gone out or not; the oldest first. */
export async function failedMail({ actor, read }: QueryContext, page: MailPage) {
  mustAnywhere(actor, 'mail.manage')
  const rows = await unsent(read, page).where('setAside', 'is not', null).execute()
  return rows.map(({ nextAttemptAt: _, ...row }) => summaryOf(read, row))
}

/** Mail that is still to be sent, the oldest first. It waits without attempts while no mail server is configured. */
export async function waitingMail({ actor, read }: QueryContext, page: MailPage) {
  mustAnywhere(actor, 'mail.manage')
  const rows = await unsent(read, page).where('setAside', 'is', null).execute()
  return rows.map(({ setAside: _, ...row }) => summaryOf(read, row))
}

function unsent(read: Read, { limit, after }: MailPage) {
  const select = read
    .selectFrom('outbox')
    .select(['id', 'payload', 'createdAt', 'attempts', 'nextAttemptAt', 'setAside', 'lastError'])
    .where('kind', '=', 'mail')
    .where('sentAt', 'is', null)
    .orderBy('createdAt')
    .orderBy('id')
    .limit(limit)
  if (after === undefined) return select
  return select.where(
    isBeyond('asc', [
      [sql.ref('createdAt'), after.createdAt],
      [sql.ref('id'), after.id],
    ]),
  )
}

function summaryOf<Row extends { id: string; payload: string }>(read: Read, { payload, ...row }: Row) {
  return { ...row, ...addressOf(read, { id: row.id, payload }) }
}

/** The letter's recipient and kind; neither, where the disk has damaged it. */
export function addressOf(read: Read, { id, payload }: { id: string; payload: string }): Pick<Mail, 'to' | 'letter'> {
  const unknown: Partial<Mail> = {}
  const { to = '', letter = 'test' } = storedJson<Partial<Mail>>(read, payload, `The content of message ${id}`, unknown)
  return { to, letter }
}

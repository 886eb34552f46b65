/**
 * Attempts to prove one's identity. Each is counted per account and per network, and makes the next one wait longer.
 *
 * 1. An attempt is counted before it is checked, so parallel attempts cannot avoid the wait.
 * 2. Whether an account exists makes no difference to the counts, the waits or the answers.
 * 3. An account has a separate count for each network where its owner has succeeded before: an attacker elsewhere
 *    cannot lock the owner out there, and neighbours behind one address do not slow each other down.
 * 4. A wait that was set by a clock running ahead counts as over: nobody knows when it began.
 * 5. Success takes back its own attempt and clears the count of the account, but not the attempts of others from that
 *    network.
 */
import { z } from 'zod'
import { audit } from '../../audit.ts'
import { command, type CommandContext } from '../../command.ts'
import type { Commits } from '../../commit/commit.ts'
import type { Tx } from '../../storage/db.ts'
import { SYSTEM_ID } from '../../ids.ts'
import { networkOf } from '../../runtime/network.ts'
import { prepared, putRow } from '../../storage/prepared.ts'
import type { AttemptTable } from '../../storage/tables.ts'
import { FORGOTTEN_AFTER_MS, hidden, waitAfter, type Guard, type Pace } from './guard.ts'

/** How long a network stays known after the last success there. */
const KNOWN_FOR_MS = 90 * FORGOTTEN_AFTER_MS

const Attempt = z.object({ account: z.string().nullable() })

interface Bucket {
  readonly subject: string
  readonly pace: Pace
}

/** Counts an attempt. Returns how long the caller has to wait; an attempt that has to wait is not counted. */
export function takeAttempt<Input>(guard: Guard<Input>) {
  return command({
    name: 'attempt.take',
    input: Attempt,
    run(context, { account }) {
      const { tx, now } = context
      const buckets = bucketsOf(context, guard, account)
      const counts = buckets.map(({ subject }) => countOf(tx, now, guard.kind, subject))
      const waitMs = Math.max(0, ...counts.map(({ nextAt }) => nextAt - now))
      if (waitMs > 0) return { waitMs }
      for (const [index, { subject, pace }] of buckets.entries()) {
        const count = (counts[index]?.count ?? 0) + 1
        setCount(tx, { kind: guard.kind, subject, count, lastAt: now, nextAt: now + waitAfter(pace, count) })
      }
      return { waitMs: 0 }
    },
  })
}

/** Records that an attempt failed. */
export function failAttempt<Input>(guard: Guard<Input>) {
  return command({
    name: 'attempt.fail',
    input: Attempt,
    async run(context, { account }) {
      const person = account === null ? undefined : await guard.findPerson(context.tx, account)
      const payload = { account: account === null ? null : hidden(account) }
      audit(context, { type: `${guard.kind}-failed`, subject: 'user', subjectId: person ?? 'unknown', payload })
    },
  })
}

/** Called in the command that succeeded: takes its attempt back. */
export async function forgiveAttempt<Input>(
  context: Pick<CommandContext, 'tx' | 'now' | 'source'>,
  guard: Guard<Input>,
  account: string,
): Promise<void> {
  const { tx, now, source } = context
  const { kind } = guard
  const [own, network] = bucketsOf(context, guard, account)
  if (own !== undefined) {
    await tx.deleteFrom('attempt').where('kind', '=', kind).where('subject', '=', own.subject).execute()
  }
  if (network !== undefined) {
    const { count } = countOf(tx, now, kind, network.subject)
    setCount(tx, { kind, subject: network.subject, count: Math.max(0, count - 1), lastAt: now, nextAt: now })
  }
  if (source?.address == null) return
  const origin = { kind, subject: hidden(account), address: networkOf(source.address) }
  putRow(tx, 'knownPlace', origin, { lastAt: now })
}

/** The account within its network if it is known there, else the account and the network. */
function bucketsOf<Input>(
  { tx, source }: Pick<CommandContext, 'tx' | 'source'>,
  { kind, perAccount, perAddress }: Guard<Input>,
  account: string | null,
): Bucket[] {
  const address = networkOf(source?.address ?? null)
  const network = { subject: address, pace: perAddress }
  if (account === null) return [network]
  const subject = hidden(account)
  if (knownPlaces(tx, { kind, subject, address }).length > 0)
    return [{ subject: `${subject}@${address}`, pace: perAccount }]
  return [{ subject, pace: perAccount }, network]
}

const knownPlaces = prepared<{ kind: string; subject: string; address: string }>()((read, param) =>
  read
    .selectFrom('knownPlace')
    .select('lastAt')
    .where('kind', '=', param('kind'))
    .where('subject', '=', param('subject'))
    .where('address', '=', param('address')),
)

function countOf(tx: Tx, now: number, kind: string, subject: string): { count: number; nextAt: number } {
  const [row] = attemptRows(tx, { kind, subject })
  if (row === undefined || row.lastAt <= now - FORGOTTEN_AFTER_MS) return { count: 0, nextAt: 0 }
  return row.lastAt > now ? { count: row.count, nextAt: 0 } : row
}

const attemptRows = prepared<{ kind: string; subject: string }>()((read, param) =>
  read
    .selectFrom('attempt')
    .select(['count', 'nextAt', 'lastAt'])
    .where('kind', '=', param('kind'))
    .where('subject', '=', param('subject')),
)

function setCount(tx: Tx, { kind, subject, ...count }: AttemptTable): void {
  putRow(tx, 'attempt', { kind, subject }, count)
}

/** Deletes counts and known places that have expired. */
export async function forgetAttempts(commits: Commits): Promise<void> {
  await commits.commitOrThrow(forget, undefined, { actorId: SYSTEM_ID })
}

const forget = command({
  name: 'attempt.forget',
  input: z.void(),
  async run({ tx, now }) {
    await tx
      .deleteFrom('attempt')
      .where('lastAt', '<=', now - FORGOTTEN_AFTER_MS)
      .execute()
    await tx
      .deleteFrom('knownPlace')
      .where('lastAt', '<=', now - KNOWN_FOR_MS)
      .execute()
  },
})

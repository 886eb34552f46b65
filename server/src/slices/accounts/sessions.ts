/**
 * Sessions, by Lucia: the only file that knows it. A session slides by 30 days of use and ends after 180 at the latest.
 *
 * 1. The client has the token, the database only its SHA-256. A lookup is by that hash: its duration tells of the hash
 *    of a guess, which is no help in finding a token of 256 random bits.
 * 2. A token is always made here, never taken from a client, so nobody can be signed in to a session prepared for them.
 */
import type { Selectable } from 'kysely'
import { Lucia, TimeSpan, type Adapter, type DatabaseSession } from 'lucia'
import { z } from 'zod'
import { audit } from '../../core/audit.ts'
import { command, type CommandContext } from '../../core/command.ts'
import type { Commits } from '../../core/commit/commit.ts'
import type { Read, Tx } from '../../core/storage/db.ts'
import { SYSTEM_ID } from '../../core/ids.ts'
import { prepared } from '../../core/storage/prepared.ts'
import { JUMP_MS } from '../../core/runtime/steadiness.ts'
import { accountDisabled, sessionTopic } from './queries.ts'
import type { EndCode, SessionTable } from './tables.ts'
import { hashToken, newToken } from './tokens.ts'

const SLIDING = new TimeSpan(30, 'd')
const ABSOLUTE_MS = new TimeSpan(180, 'd').milliseconds()

export const SESSION_COOKIE = 'rejoin_session'
interface SessionWrites {
  add(row: { id: string; userId: string; expiresAt: number }): Promise<void>
  extend(id: string, expiresAt: number): Promise<void>
  end(id: string): Promise<void>
}

/** Starts a session inside a command. The token is returned once and cannot be read again. */
export async function startSession(
  context: Pick<CommandContext, 'tx' | 'now' | 'actor' | 'deviceId' | 'source'>,
  userId: string,
  device: string | null = null,
): Promise<{ token: string; expiresAt: number }> {
  const { tx, now, source } = context
  const token = newToken()
  const id = hashToken(token)
  const seen = { device, lastSeenAt: now, address: source?.address ?? null, userAgent: source?.userAgent ?? null }
  const writes: SessionWrites = {
    add: async (row) =>
      void (await tx
        .insertInto('session')
        .values({ ...row, ...seen, createdAt: now, endCode: null })
        .execute()),
    extend: (id, expiresAt) => setExpiry(tx, id, expiresAt),
    end: (id) => removeSession(tx, id),
  }
  await lucia(tx, writes, now).createSession(userId, {}, { sessionId: id })
  const payload = { session: id, ...(device !== null && { device }) }
  audit(context, { type: 'session-started', subject: 'user', subjectId: userId, actorId: userId, payload })
  return { token, expiresAt: now + SLIDING.milliseconds() }
}

/**
 * The session that a token opens; null when it is unknown or expired. Throws `Refusal('account-disabled')` for a
 * session that ended because its person's account was disabled.
 */
export async function findSession(
  { read, commits, now }: { read: Read; commits: Commits; now: number },
  token: string,
): Promise<{ id: string; userId: string } | null> {
  const id = hashToken(token)
  // The sweep removes expired sessions; it waits where the clock has jumped.
  const writes = { ...writesBy(commits), end: async () => {} }
  const { session } = await lucia(read, writes, now).validateSession(id)
  if (session !== null) return session
  const [row] = sessionRows(read, { id })
  if (row?.endCode === 'account-disabled') throw accountDisabled()
  return null
}

/** Ends the person's sessions, and keeps them as ended. Returns their ids. */
export async function endSessionsOf(tx: Tx, userId: string, endCode: EndCode): Promise<string[]> {
  const live = tx.updateTable('session').set({ endCode }).where('userId', '=', userId).where('endCode', 'is', null)
  const rows = await live.returning('id').execute()
  return rows.map(({ id }) => id)
}

/** Deletes the person's sessions that ended for this reason: their tokens are unknown from now on. */
export async function forgetEndedSessions(tx: Tx, userId: string, endCode: EndCode): Promise<void> {
  await tx.deleteFrom('session').where('userId', '=', userId).where('endCode', '=', endCode).execute()
}

/** Ends every expired session, which closes the sockets that still use it. */
export async function endExpiredSessions(ports: { read: Read; commits: Commits; now(): number }): Promise<void> {
  await lucia(ports.read, writesBy(ports.commits), ports.now()).deleteExpiredSessions()
}

function writesBy(commits: Commits): SessionWrites {
  const asSystem = { actorId: SYSTEM_ID }
  return {
    add: async () => {},
    extend: async (id, expiresAt) => void (await commits.commitOrThrow(extendSession, { id, expiresAt }, asSystem)),
    end: async (id) => void (await commits.commitOrThrow(endSession, { id }, asSystem)),
  }
}

const endSession = command({
  name: 'session.end',
  input: z.object({ id: z.string() }),
  async run({ tx, wake }, { id }) {
    await removeSession(tx, id)
    wake(sessionTopic(id))
  },
})

const extendSession = command({
  name: 'session.extend',
  input: z.object({ id: z.string(), expiresAt: z.int() }),
  run: ({ tx }, { id, expiresAt }) => setExpiry(tx, id, expiresAt),
})

async function setExpiry(tx: Tx, id: string, expiresAt: number): Promise<void> {
  await tx.updateTable('session').set({ expiresAt }).where('id', '=', id).execute()
}

async function removeSession(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('session').where('id', '=', id).execute()
}

const sessionRows = prepared<{ id: string }>()((read, param) =>
  read.selectFrom('session').selectAll().where('id', '=', param('id')),
)

function lucia(read: Read, writes: SessionWrites, now: number): Lucia {
  const options = { sessionExpiresIn: SLIDING, sessionCookie: { name: SESSION_COOKIE } }
  return new Lucia(adapterOver(read, writes, now), options)
}

function adapterOver(read: Read, writes: SessionWrites, now: number): Adapter {
  const { asSeen, fromWall } = wallClock(now)
  const sessionsOf = (userId: string) => read.selectFrom('session').selectAll().where('userId', '=', userId).execute()
  return {
    getSessionAndUser(id) {
      const [row] = sessionRows(read, { id })
      const isLive = row !== undefined && row.endCode === null
      return Promise.resolve(isLive ? [asSeen(row), { id: row.userId, attributes: {} }] : [null, null])
    },
    getUserSessions: async (userId) => (await sessionsOf(userId)).map(asSeen),
    setSession: ({ id, userId, expiresAt }) => writes.add({ id, userId, expiresAt: fromWall(expiresAt) }),
    async updateSessionExpiration(id, expiresAt) {
      const [row] = sessionRows(read, { id })
      // A session at its absolute limit slides no further; extending it would only write at every request.
      if (row !== undefined && row.expiresAt < row.createdAt + ABSOLUTE_MS) {
        await writes.extend(id, fromWall(expiresAt))
      }
    },
    deleteSession: (id) => writes.end(id),
    async deleteUserSessions(userId) {
      for (const { id } of await sessionsOf(userId)) await writes.end(id)
    },
    async deleteExpiredSessions() {
      for (const { id } of await expiredSessions(read, now)) await writes.end(id)
    },
  }
}

/** Converts between the wall clock, with which Lucia compares, and the app's time. */
function wallClock(now: number) {
  const aheadMs = Date.now() - now
  return {
    fromWall: (date: Date) => date.getTime() - aheadMs,
    asSeen: ({ id, userId, createdAt, expiresAt }: Selectable<SessionTable>): DatabaseSession => ({
      id,
      userId,
      expiresAt: new Date(Math.min(expiresAt, createdAt + ABSOLUTE_MS) + aheadMs),
      attributes: {},
    }),
  }
}

function expiredSessions(read: Read, now: number): Promise<{ id: string }[]> {
  const live = read.selectFrom('session').select('id').where('endCode', 'is', null)
  const expired = live.where((row) =>
    row.or([
      row('expiresAt', '<=', now),
      row('createdAt', '<=', now - ABSOLUTE_MS),
      // A clock that was ahead has dated the session's beginning, so it would last that much longer.
      row('createdAt', '>', now + JUMP_MS),
    ]),
  )
  return expired.execute()
}

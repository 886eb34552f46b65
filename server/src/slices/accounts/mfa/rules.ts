/** Which roles sign in with a second step, and from when on; and an administrator's reset of a lost second step. */
import { z } from 'zod'
import { audit } from '../../../core/audit.ts'
import { implement } from '../../../core/api/implement.ts'
import { command, type CommandContext } from '../../../core/command.ts'
import type { Commits } from '../../../core/commit/commit.ts'
import { SYSTEM_ID } from '../../../core/ids.ts'
import type { QueryContext } from '../../../core/api/procedures.ts'
import { removeApiTokens } from '../api-tokens/commands.ts'
import { getPerson, mustAnywhere } from '../queries.ts'
import { mustHaveAllOf } from '../roles/queries.ts'
import { endOpenSessions, revokeSessions } from '../sessions/commands.ts'
import * as contract from '../contract/mfa.ts'
import { removeSecondStep } from './enrol.ts'
import { requiredFrom } from './steps.ts'

const DAY_MS = 24 * 3_600_000

export const requireSecondStep = implement(contract.requireStep, async (context, { role, graceDays }) => {
  const { tx, now, actor } = context
  mustAnywhere(actor, 'second-step.manage')
  const requiredAt = graceDays === null ? null : now + graceDays * DAY_MS
  await tx.deleteFrom('secondStepRule').where('role', '=', role).execute()
  if (requiredAt !== null) await tx.insertInto('secondStepRule').values({ role, requiredAt }).execute()
  audit(context, { type: 'second-step-rule-set', subject: 'role', subjectId: role, payload: { requiredAt } })
  return { requiredAt }
})

export const resetSecondStep = implement(contract.reset, async (context, { userId }) => {
  mustAnywhere(context.actor, 'second-step.manage')
  const person = getPerson(context.tx, userId)
  mustHaveAllOf(context.actor, person)
  const { id } = person
  await removeSecondStep(context, id)
  await revokeSessions(context, id)
})

/** Resets the second step of everybody, for when the key that seals their secrets is lost. */
export const resetSecondSteps = command({
  name: 'second-step.reset-all',
  input: z.void(),
  async run(context): Promise<number> {
    mustAnywhere(context.actor, 'second-step.manage')
    const rows = await context.tx.selectFrom('totp').select('userId').execute()
    for (const { userId } of rows) {
      await removeSecondStep(context, userId)
      await revokeSessions(context, userId)
    }
    return rows.length
  },
})

/** One's own second step, and from when on it is required. */
export async function secondStep({ read, actor }: QueryContext) {
  const totp = await read.selectFrom('totp').select('confirmedAt').where('userId', '=', actor.id).executeTakeFirst()
  const codes = await read.selectFrom('recoveryCode').select('hash').where('userId', '=', actor.id).execute()
  return {
    enrolledAt: totp?.confirmedAt ?? null,
    recoveryCodesLeft: codes.length,
    requiredAt: await requiredFrom(read, getPerson(read, actor.id).role),
  }
}

/** Ends the sessions and API tokens of people who lack a second step that is due: they must set one up first. */
export async function endOverdueSessions(commits: Commits): Promise<void> {
  await commits.commitOrThrow(endOverdue, undefined, { actorId: SYSTEM_ID })
}

const endOverdue = command({
  name: 'second-step.end-overdue',
  input: z.void(),
  async run(context) {
    for (const { id } of await overduePeople(context)) {
      await removeApiTokens(context, id)
      // A sign-in since the rule took effect sets up the second step: it goes on.
      await endOpenSessions(context, id)
    }
  },
})

function overduePeople({ tx, now }: CommandContext): Promise<{ id: string }[]> {
  return (
    tx
      .selectFrom('secondStepRule')
      // In this nesting, and by each person's id: people whose role has no rule are not read.
      .crossJoin('user')
      .select('user.id')
      .whereRef('user.role', '=', 'secondStepRule.role')
      .where('requiredAt', '<=', now)
      .where(({ not, exists, selectFrom }) => {
        const enrolled = selectFrom('totp').select('totp.userId').whereRef('totp.userId', '=', 'user.id')
        return not(exists(enrolled.where('confirmedAt', 'is not', null)))
      })
      .where(({ or, exists, selectFrom }) => {
        const sessions = selectFrom('session').select('session.id').whereRef('session.userId', '=', 'user.id')
        const tokens = selectFrom('apiToken').select('apiToken.id').whereRef('apiToken.userId', '=', 'user.id')
        return or([exists(sessions.where('endCode', 'is', null)), exists(tokens)])
      })
      .execute()
  )
}

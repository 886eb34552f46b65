/** A command behind a guard: a caller who tries too often is told when to retry, and failures are recorded. */
import type { z } from 'zod'
import { Refusal } from '@rejoin/shared/errors.ts'
import { RetryLater } from '../../runtime/retry-later.ts'
import type { Command, Source } from '../../command.ts'
import type { Commits } from '../../commit/commit.ts'
import type { Done } from '../../commit/ports.ts'
import type { Read } from '../../storage/db.ts'
import { SYSTEM_ID } from '../../ids.ts'
import { failAttempt, takeAttempt } from './attempts.ts'
import type { Guard } from './guard.ts'

interface Caller {
  readonly read: Read
  readonly commits: Commits
  readonly source: Source
  now(): number
}

/** Throws `RetryLater('too-many-attempts')` and the refusals of the command. */
export async function commitGuarded<Schema extends z.ZodType, Output, Prepared>(
  { read, commits, now, source }: Caller,
  { command, guard }: { command: Command<Schema, Output, Prepared>; guard: Guard<z.output<Schema>> },
  { actorId, input }: { actorId: string; input: unknown },
): Promise<Done<Output> & { output: Output }> {
  const request = { actorId, source }
  const asSystem = { actorId: SYSTEM_ID, source }
  const parsed = command.input.safeParse(input)
  // An input that does not parse is no attempt; the command reports the error.
  if (!parsed.success) return commits.commitOrThrow(command, input, request)
  const account = await guard.account(parsed.data, { read, now: now(), actorId })
  const { output } = await commits.commitOrThrow(takeAttempt(guard), { account }, asSystem)
  if (output.waitMs > 0) throw tooMany(output.waitMs)
  try {
    return await commits.commitOrThrow(command, input, request)
  } catch (error) {
    if (error instanceof Refusal && error.code === 'wrong-credentials') {
      await commits.commitOrThrow(failAttempt(guard), { account }, asSystem)
    }
    throw error
  }
}

function tooMany(retryAfterMs: number): RetryLater {
  const seconds = Math.ceil(retryAfterMs / 1000)
  return new RetryLater('too-many-attempts', 'Too many attempts.', {
    hint: `Wait ${seconds} ${seconds === 1 ? 'second' : 'seconds'}, then try again.`,
    retryAfterMs,
  })
}

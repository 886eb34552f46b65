/** Receipts from requests and their results, and answers from receipts. */
import type { Insertable } from 'kysely'
import { INPUT_VALUES } from '@rejoin/shared/budgets.ts'
import { describeIssues, Refusal } from '@rejoin/shared/errors.ts'
import { hasFewValues } from '@rejoin/shared/value-count.ts'
import { SCHEMA_VERSION } from '@rejoin/shared/sync/upcast.ts'
import { bytesAsBase64 } from '@rejoin/shared/sync/encoding.ts'
import type { AnyCommand } from '../command.ts'
import type { Done, Request } from './ports.ts'
import { verdictOf, type Receipt } from './receipts.ts'
import type { CommandRun } from './run.ts'
import { SYSTEM_ID } from '../ids.ts'
import type { ReceiptTable } from '../storage/tables.ts'

/** The input as the schema reads it: without unknown members, which need not even be JSON. */
export type Input = { value: unknown; prepared: unknown } | Refusal

export function parseInput(
  command: AnyCommand,
  rawInput: unknown,
  request: Request,
): { value: unknown; prepared: undefined } | Refusal {
  if (!isOurs(request) && !hasFewValues(rawInput, INPUT_VALUES)) {
    const message = `The input of ${command.name} holds more than ${INPUT_VALUES} values.`
    return new Refusal('too-large', message, 'Send it in smaller parts.')
  }
  const result = command.input.safeParse(rawInput)
  if (result.success) return { value: result.data, prepared: undefined }
  return new Refusal('invalid', describeIssues(result.error), `Correct the input of ${command.name}.`)
}

/** Whether the server itself made the request and its input. */
function isOurs({ actorId, id, origin, source }: Request): boolean {
  return actorId === SYSTEM_ID && id === undefined && origin === undefined && source === undefined
}

export function receiptOf(
  { id, name, input, asked, request }: Pick<Receipt, 'id' | 'name' | 'asked'> & { input: Input; request: Request },
  run: CommandRun,
  done: Done<unknown>,
): Insertable<ReceiptTable> {
  const { actorId, origin, groupId } = request
  const keeps = done.outcome === 'parked' && !(input instanceof Refusal)
  return {
    id,
    name,
    actorId,
    deviceId: origin?.deviceId ?? null,
    subjectId: origin?.subjectId ?? null,
    groupId: groupId ?? null,
    seen: origin?.seen ?? null,
    input: keeps ? JSON.stringify(input.value, bytesAsBase64) : null,
    schema: SCHEMA_VERSION,
    outcome: done.outcome,
    code: done.code ?? null,
    message: done.message ?? null,
    hint: done.hint ?? null,
    waitsFor: run.waitsFor === null ? null : JSON.stringify(run.waitsFor),
    output: done.output === undefined ? null : JSON.stringify(done.output),
    effectiveAt: run.effectiveAt,
    recordedAt: run.now,
    clockSuspect: Number(run.clockSuspect),
    claimedAt: done.outcome === 'refused' ? null : run.claimedAt,
    asked,
    decidedAt: null,
    decidedBy: null,
    decidedSeq: null,
  }
}

/** `isSame`: the repeat has the same input, as far as is known. */
export function repeated(receipt: Receipt, request: Request, isSame: boolean): Done<unknown> {
  if (receipt.actorId !== request.actorId) {
    return { outcome: 'refused', code: 'id-taken', message: 'This command id was already used by another person.' }
  }
  if (!isSame) {
    const message = `This command id was already used for a ${receipt.name} with another input; its verdict stands.`
    return {
      outcome: 'refused',
      code: 'key-reused',
      message,
      hint: 'Generate a new id for each command and send it again.',
    }
  }
  const { id: _, ...verdict } = verdictOf(receipt)
  return { ...verdict, ...outputOf(receipt) }
}

/** Empty if the disk has damaged the output: the verdict stands. */
function outputOf({ output }: Receipt): { output?: unknown } {
  try {
    return output === null ? {} : { output: JSON.parse(output) as unknown }
  } catch {
    return {}
  }
}

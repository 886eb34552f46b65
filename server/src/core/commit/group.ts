/** Commands that are judged as one: their answers when one of them fails. */
import { isErrorCode, needsSignIn, Refusal } from '@rejoin/shared/errors.ts'
import type { Answer } from '../command.ts'

/**
 * The refusal that bars the author from asking at all now, so that nothing was decided; else null. A barred author may
 * ask again later.
 */
export function barOf({ code = '', message = '', hint }: Pick<Answer, 'code' | 'message' | 'hint'>): Refusal | null {
  return isErrorCode(code) && needsSignIn(code) ? new Refusal(code, message, hint) : null
}

/** The answer for the others of a group: the outcome of the one that failed. */
export function groupAnswer(culprit: string, { outcome, message = '' }: Answer): Answer {
  return {
    outcome,
    code: 'group',
    message: `The group was not carried out because its ${culprit} failed: ${message}`,
    hint: outcome === 'parked' ? 'Both are decided together.' : 'Correct that command and send the group again.',
  }
}

/** One of several commands failed, so none may take effect. */
export class Undone extends Error {
  readonly index: number
  readonly answer: Answer

  constructor(index: number, answer: Answer) {
    super('a command of a group did not go through')
    this.index = index
    this.answer = answer
  }
}

/** Commands that are judged as one: what becomes of all when one of them does not go through. */
import { isErrorCode, needsSignIn, Refusal } from '@rejoin/shared/errors.ts'
import type { Answer } from '../command.ts'

/** Why nothing was decided, where its author may not ask at all now; else null. Whoever was refused so may ask again. */
export function barOf({ code = '', message = '', hint }: Pick<Answer, 'code' | 'message' | 'hint'>): Refusal | null {
  return isErrorCode(code) && needsSignIn(code) ? new Refusal(code, message, hint) : null
}

/** What the others of a group are answered: the outcome of the one that did not go through. */
export function groupAnswer(culprit: string, { outcome, message = '' }: Answer): Answer {
  return {
    outcome,
    code: 'group',
    message: `The group was not carried out because its ${culprit} failed: ${message}`,
    hint: outcome === 'parked' ? 'Both are decided together.' : 'Correct that command and send the group again.',
  }
}

/** One of several commands did not go through, so none may. */
export class Undone extends Error {
  readonly index: number
  readonly answer: Answer

  constructor(index: number, answer: Answer) {
    super('a command of a group did not go through')
    this.index = index
    this.answer = answer
  }
}

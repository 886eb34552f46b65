/** Somebody at the API: sends commands under ids of their own, and again where the answer was lost on the way. */
import { ERRORS, isErrorCode } from '@rejoin/shared/errors.ts'
import type { DeviceCommandName } from '@rejoin/shared/commands.ts'
import { z } from 'zod'
import type { Wire } from '../../harness/wire.ts'
import type { Book, Heard } from './book.ts'
import type { Member } from './office.ts'

const PATHS: Partial<Record<DeviceCommandName, string>> = { 'comment.add': 'comment', 'work.log': 'logWork' }

const Told = z.object({ code: z.string().optional(), message: z.string().optional(), hint: z.string().optional() })
const Answer = z.union([
  z.object({
    result: z.object({ data: Told.extend({ outcome: z.enum(['applied', 'adjusted', 'parked', 'refused']) }) }),
  }),
  z.object({ error: z.object({ message: z.string(), data: Told.omit({ message: true }) }) }),
])

interface Call {
  readonly id: string
  readonly name: DeviceCommandName
  readonly input: unknown
}

export class Caller {
  readonly member: Member
  readonly wire: Wire
  readonly #book: Book
  readonly #unanswered = new Map<string, Call>()
  readonly #answered: Call[] = []

  constructor(member: Member, wire: Wire, book: Book) {
    this.member = member
    this.wire = wire
    this.#book = book
  }

  async send(id: string, name: DeviceCommandName, input: unknown): Promise<void> {
    const call = { id, name, input }
    this.#book.make({ ...call, actorId: this.member.id, device: null, group: null })
    this.#unanswered.set(id, call)
    await this.#try(call)
  }

  /** What has no answer is asked again. Resolves with how many still have none. */
  async retry(): Promise<number> {
    for (const call of this.#unanswered.values()) await this.#try(call)
    return this.#unanswered.size
  }

  /** Asks again what was answered long ago. */
  async repeat(at: number): Promise<void> {
    const call = this.#answered[at % Math.max(1, this.#answered.length)]
    if (call !== undefined) await this.#try(call)
  }

  async #try(call: Call): Promise<void> {
    const verdict = await this.#ask(call)
    if (verdict === null) return
    this.#book.hear(call.id, verdict)
    if (this.#unanswered.delete(call.id)) this.#answered.push(call)
  }

  /** Null where the network or the server could not say. */
  async #ask({ id, name, input }: Call): Promise<Heard | null> {
    let body: unknown
    try {
      const response = await fetch(`${this.wire.url}/trpc/tickets.${PATHS[name] ?? name.slice('ticket.'.length)}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${this.member.token}`,
          'idempotency-key': id,
          connection: 'close',
        },
        body: JSON.stringify(input),
      })
      body = await response.json()
    } catch {
      return null
    }
    return verdictOf(body)
  }
}

function verdictOf(body: unknown): Heard | null {
  const answer = Answer.parse(body)
  if ('result' in answer) {
    const { outcome, code, message, hint } = answer.result.data
    return { outcome, code, message, hint }
  }
  const { message, data } = answer.error
  const { code = '', hint } = data
  if (!isErrorCode(code) || code === 'unavailable') return null
  return { outcome: ERRORS[code].outcome, code, message, hint }
}

/** Somebody at the API: sends commands under ids of their own, and again where the answer was lost on the way. */
import { isErrorCode } from '@rejoin/shared/errors.ts'
import { z } from 'zod'
import type { Wire } from '../../harness/wire.ts'
import type { Book } from './book.ts'
import type { Member } from './office.ts'
import type { Heard } from './said.ts'

const PATHS: Partial<Record<string, string>> = {
  'comment.add': 'tickets.comment',
  'work.log': 'tickets.logWork',
  'user.set-role': 'accounts.setRole',
  'user.set-departments': 'accounts.setDepartments',
}

const Told = z.object({ code: z.string().optional(), message: z.string().optional(), hint: z.string().optional() })
const Answer = z.union([
  z.object({
    result: z.object({ data: Told.extend({ outcome: z.enum(['applied', 'adjusted']) }) }),
  }),
  z.object({ error: z.object({ message: z.string(), data: Told.omit({ message: true }) }) }),
])

const Listed = z.object({ result: z.object({ data: z.array(z.object({ id: z.string() })) }) })

interface Asked {
  readonly method?: 'POST'
  readonly headers?: Record<string, string>
  readonly body?: string
}

interface Call {
  readonly id: string
  readonly name: string
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

  async send(id: string, name: string, input: unknown): Promise<void> {
    const call = { id, name, input }
    this.#book.make({ ...call, actorId: this.member.id, device: null, group: null, doneAt: null })
    this.#unanswered.set(id, call)
    await this.#try(call)
  }

  /** Sends the unanswered calls again. Resolves with how many still have no answer. */
  async retry(): Promise<number> {
    for (const call of this.#unanswered.values()) await this.#try(call)
    return this.#unanswered.size
  }

  /** Sends a call again that was answered long ago, unless the server has lost it since. */
  async repeat(at: number): Promise<void> {
    const answered = this.#answered.filter(({ id }) => !this.#book.said.lost.has(id))
    const call = answered[at % Math.max(1, answered.length)]
    if (call !== undefined) await this.#try(call)
  }

  async #try(call: Call): Promise<void> {
    const verdict = await this.#ask(call)
    if (verdict === null) return
    this.#book.hear(call.id, verdict)
    if (this.#unanswered.delete(call.id)) this.#answered.push(call)
  }

  /** The parked commands that this person may decide; none where the network or the server could not say. */
  async parked(): Promise<string[]> {
    const listed = Listed.safeParse(await this.#fetch('parked.list', {}))
    return listed.success ? listed.data.result.data.map(({ id }) => id) : []
  }

  /** The verdict; null where the network or the server could not say. */
  async #ask({ id, name, input }: Call): Promise<Heard | null> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': id }
    const path = PATHS[name] ?? name.replace(/^ticket\./, 'tickets.')
    const body = await this.#fetch(path, { method: 'POST', headers, body: JSON.stringify(input) })
    return body === null ? null : verdictOf(body)
  }

  async #fetch(path: string, init: Asked): Promise<unknown> {
    const headers = { ...init.headers, authorization: `Bearer ${this.member.token}`, connection: 'close' }
    try {
      const response = await fetch(`${this.wire.url}/trpc/${path}`, { ...init, headers })
      return (await response.json()) as unknown
    } catch {
      return null
    }
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
  return { outcome: 'refused', code, message, hint }
}

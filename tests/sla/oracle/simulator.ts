/**
 * The clocks of a ticket the slow way, as an oracle: minute by minute, each clock notes whether it ran, and everything is
 * counted from these notes in the end. Instants and targets are whole minutes, counted from the start of a window.
 */
import type { Status } from '@rejoin/shared/statuses.ts'
import { count, type Notes, type SlowClock, type SlowTerms } from './count.ts'

export type SlowEvent = { readonly minute: number } & (
  | { readonly type: 'created' | 'terms'; readonly terms: SlowTerms | null }
  | { readonly type: 'status'; readonly to: Status }
  | { readonly type: 'public_reply' | 'customer_message' | 'queued' | 'accepted' | 'dropped' }
)

const DONE = ['resolved', 'closed', 'cancelled']

class Ticket {
  readonly clocks: Notes[] = []
  readonly #statuses: [minute: number, status: string][] = []
  #status = 'open'
  #terms: SlowTerms | null = null
  #isAnswered = false
  #isAwaited = false
  #isDropped = false
  #created = 0

  tick(minute: number): void {
    for (const clock of this.clocks) if (clock.state === 'running') clock.ran.add(minute)
  }

  take(event: SlowEvent): void {
    if (this.#isDropped) return
    const { minute } = event
    switch (event.type) {
      case 'created':
        this.#created = minute
        this.#terms = event.terms
        for (const metric of ['first_response', 'resolution', 'ownership']) this.#begin(metric, minute)
        break
      case 'status':
        this.#become(event.to, minute)
        break
      case 'public_reply':
        this.#isAnswered = true
        this.#isAwaited = false
        this.#end(minute, 'stopped', ['first_response', 'next_response'])
        break
      case 'customer_message':
        if (this.#isAnswered) this.#isAwaited = true
        this.#await(minute)
        break
      case 'queued':
        if (!this.#isDone() && this.#open('ownership') === undefined) this.#begin('ownership', minute)
        break
      case 'accepted':
        this.#end(minute, 'stopped', ['ownership'])
        break
      case 'terms':
        this.#measure(event.terms, minute)
        break
      case 'dropped':
        this.#end(minute, 'cancelled')
        this.#isDropped = true
        break
    }
  }

  #become(status: string, minute: number): void {
    const wasDone = this.#isDone()
    this.#status = status
    this.#statuses.push([minute, status])
    if (this.#isDone()) {
      this.#end(minute, 'stopped')
      this.#isAnswered = true
      this.#isAwaited = false
    } else if (wasDone) {
      this.#reopen(minute)
      this.#await(minute)
    }
    this.#rest()
  }

  #reopen(minute: number): void {
    const last = this.clocks.findLast(({ metric }) => metric === 'resolution')
    const terms = this.#terms
    if (terms?.targets['resolution'] === undefined) return
    if (last === undefined || last.state === 'cancelled') return this.#begin('resolution', minute)
    if (terms.onReopen === 'ignore') return
    if (terms.onReopen === 'new_cycle' || minute - (last.stop ?? 0) > terms.reopenWindow)
      return this.#begin('resolution', minute)
    last.state = 'running'
    last.stop = null
    this.#remeasure(last, terms, minute)
  }

  #measure(terms: SlowTerms | null, minute: number): void {
    this.#terms = terms
    for (const clock of this.clocks) {
      if (clock.stop !== null) continue
      if (terms?.targets[clock.metric] === undefined) Object.assign(clock, { state: 'cancelled', stop: minute })
      else this.#remeasure(clock, terms, minute)
    }
    this.#rest()
    if (terms === null || this.#isDone()) return
    if (!this.#isAnswered) this.#beginLate('first_response', minute)
    this.#beginLate('resolution', minute)
    this.#await(minute)
  }

  #remeasure(clock: Notes, terms: SlowTerms, minute: number): void {
    const target = terms.targets[clock.metric] ?? 0
    const now = clock.measured.at(-1)
    if (now?.terms.name !== terms.name || now.target !== target) clock.measured.push({ from: minute, terms, target })
  }

  #beginLate(metric: string, minute: number): void {
    if (this.#open(metric) !== undefined) return
    const isFirst = this.clocks.every((clock) => clock.metric !== metric)
    this.#begin(metric, minute)
    const clock = this.#open(metric)
    if (!isFirst || clock === undefined) return
    // It counts from the creation.
    this.clocks[this.clocks.indexOf(clock)] = { ...clock, start: this.#created }
    for (let past = this.#created; past < minute; past++) {
      const status = this.#statuses.findLast(([at]) => at <= past)?.[1] ?? 'open'
      if (!DONE.includes(status) && !this.#pauses(metric, status)) clock.ran.add(past)
    }
  }

  #begin(metric: string, minute: number): void {
    const target = this.#terms?.targets[metric]
    if (this.#terms === null || target === undefined) return
    const cycle = 1 + this.clocks.filter((clock) => clock.metric === metric).length
    const measured = [{ from: minute, terms: this.#terms, target }]
    this.clocks.push({ metric, cycle, start: minute, state: 'running', stop: null, ran: new Set(), measured })
    this.#rest()
  }

  #await(minute: number): void {
    if (this.#isAwaited && !this.#isDone() && this.#open('next_response') === undefined)
      this.#begin('next_response', minute)
  }

  #end(minute: number, state: 'stopped' | 'cancelled', metrics?: readonly string[]): void {
    for (const clock of this.clocks)
      if (clock.stop === null && (metrics?.includes(clock.metric) ?? true))
        Object.assign(clock, { state, stop: minute })
  }

  #rest(): void {
    for (const clock of this.clocks)
      if (clock.stop === null) clock.state = this.#pauses(clock.metric, this.#status) ? 'paused' : 'running'
  }

  #pauses(metric: string, status: string): boolean {
    return this.#terms?.pauseOn[metric]?.includes(status) ?? false
  }

  #open(metric: string): Notes | undefined {
    return this.clocks.find((clock) => clock.metric === metric && clock.stop === null)
  }

  #isDone(): boolean {
    return DONE.includes(this.#status)
  }
}

export function simulate(events: readonly SlowEvent[], asOf: number, end: number): SlowClock[] {
  const ticket = new Ticket()
  for (let minute = events[0]?.minute ?? 0; minute <= asOf; minute++) {
    for (const event of events) if (event.minute === minute) ticket.take(event)
    if (minute < asOf) ticket.tick(minute)
  }
  return ticket.clocks.map((clock) => count(clock, asOf, end))
}

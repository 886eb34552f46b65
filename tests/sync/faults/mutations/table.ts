/**
 * Known one-line breakages, at least one for each law of ARCHITECTURE.md. Each must make the simulator fail: one that
 * survives says that the suite does not look there.
 */
export interface Mutation {
  readonly law: 1 | 2 | 3 | 4 | 5 | 6 | 7
  /** What is wrong with the program then. */
  readonly what: string
  readonly file: string
  /** Stands in the file exactly once. */
  readonly line: string
  readonly instead: string
  /** What must catch it where the simulator does not go. */
  readonly test?: string
}

export const MUTATIONS: readonly Mutation[] = [
  {
    law: 1,
    what: 'a repeat is judged anew',
    file: 'server/src/core/commit/receipts.ts',
    line: '  return receiptById(read, { id })[0]',
    instead: "  return void (read as Tx).run('delete from receipt where id = ?', [id])",
  },
  {
    law: 1,
    what: 'a repeat is always told that it was applied',
    file: 'server/src/core/commit/receipts.ts',
    line: '    outcome: row.outcome,',
    instead: "    outcome: (row as { effectiveAt?: number }).effectiveAt === undefined ? row.outcome : 'applied',",
  },
  {
    law: 2,
    what: 'answers come before the store, as with a debounced one',
    file: 'server/src/core/commit/commit.ts',
    line: "      tx.run('commit')",
    instead:
      "      for (const { waiting, done } of judged) waiting.resolve(done); await new Promise((go) => setTimeout(go, 30)); tx.run('commit')",
  },
  {
    law: 3,
    what: 'a refused command is not rolled back',
    file: 'server/src/core/commit/judging.ts',
    line: "      tx.run('rollback to command')",
    instead: '',
  },
  {
    law: 3,
    what: 'a refused command leaves its text in memory',
    file: 'server/src/core/commit/run.ts',
    line: '  discard(): void {',
    instead: '  discard(): void { if (this.seq > 0) return',
  },
  {
    law: 4,
    what: 'a device forgets its verdicts',
    file: 'client-sdk/src/sync/intake.ts',
    line: '  ledger.inbox.decide(draft, entry, verdict, times)',
    instead: '',
  },
  {
    law: 4,
    what: 'a device sends no more what it had sent before it crashed',
    file: 'client-sdk/src/sync/dispatch.ts',
    line: '  return outbox.all().filter((entry) => !inFlight.has(entry.command.id))',
    instead: '  return outbox.all().filter((entry) => !inFlight.has(entry.command.id) && !entry.wasOffered)',
  },
  {
    law: 4,
    what: 'a device says that it has a command before its disk has it',
    file: 'client-sdk/src/ledger/journal.ts',
    line: '      await store.write({ put: [...this.#put], delete: [...this.#delete] })',
    instead: '      void store.write({ put: [...this.#put], delete: [...this.#delete] }).catch(() => undefined)',
  },
  {
    law: 1,
    what: 'what was refused is judged anew after a restore',
    file: 'client-sdk/src/sync/reconcile.ts',
    line: "  if (verdict.outcome !== 'refused') return offer",
    instead: "  if (verdict.outcome !== 'refused' || offer.seen >= 0) return offer",
  },
  {
    law: 4,
    what: 'a device skips one of the commands that a restored server has lost',
    file: 'client-sdk/src/sync/reconcile.ts',
    line: 'const records = ids.slice(0, MAX_COMMANDS + 1)',
    instead: 'const records = ids.slice(1, MAX_COMMANDS + 1)',
  },
  {
    law: 4,
    what: 'a device offers again only what it was never told anything else of',
    file: 'client-sdk/src/ledger/inbox.ts',
    line: '(each.latestOrder ?? each.order) >= order',
    instead: 'each.order >= order',
  },
  {
    law: 4,
    what: 'a device is not told what was decided about its parked work',
    file: 'server/src/core/commit/receipts.ts',
    line: ".where('decidedSeq', '>', param('cursor'))",
    instead: ".where('decidedSeq', '>', param('cursor')).where('decidedSeq', '<', param('cursor'))",
  },
  {
    law: 4,
    what: 'parking moves no place, so its loss goes unnoticed',
    file: 'server/src/core/commit/judging.ts',
    line: 'if (first?.run != null) this.#takeSeq(tx, first.run)',
    instead: '',
    test: 'tests/sync/restore-decided.test.ts',
  },
  {
    law: 5,
    what: 'a catch-up skips the first change after the cursor',
    file: 'server/src/sync/catch-up.ts',
    line: '    const rows = updatesBetween(read, { ticketId, from: from.cursor, head: head.cursor })',
    instead: '    const rows = updatesBetween(read, { ticketId, from: from.cursor + 1, head: head.cursor })',
  },
  {
    law: 6,
    what: 'a device keeps what left its scope',
    file: 'client-sdk/src/sync/intake.ts',
    line: '    ledger.replica.drop(draft, ticketId)',
    instead: '',
  },
  {
    law: 6,
    what: 'a device is not told of what left its scope',
    file: 'server/src/sync/scope.ts',
    line: '    if (!is && heldBy.length > 0) {',
    instead: '    if (!is && heldBy.length > 100) {',
  },
  {
    law: 6,
    what: 'a device that is told to wipe itself keeps its documents',
    file: 'client-sdk/src/ledger/wipe.ts',
    line: '  for (const ticketId of replica.ids()) replica.drop(draft, ticketId)',
    instead: '',
    test: 'tests/sync/wipe.test.ts',
  },
  {
    law: 6,
    what: 'whoever’s rights were changed is taken to have had them always',
    file: 'server/src/accounts/queries.ts',
    line: '  if (user === undefined || user.scopeSeq <= seq) return person',
    instead: '  if (user === undefined || seq >= 0) return person',
    test: 'tests/sync/scope-random.test.ts',
  },
  {
    law: 4,
    what: 'work that meets a disabled account is refused for good',
    file: 'server/src/core/commit/judging.ts',
    line: '    if (request.id === undefined || barOf(done) !== null) return',
    instead: '    if (request.id === undefined) return',
    test: 'tests/sync/wipe.test.ts',
  },
  {
    law: 1,
    what: 'a copy of a store is never noticed',
    file: 'server/src/sync/greetings.ts',
    line: '    if (isBehind || isOther) {',
    instead: '    if (isBehind && isOther) {',
    test: 'tests/sync/cloned.test.ts',
  },
  {
    law: 4,
    what: 'a device that repeats its greeting draws another mark, and is called a copy of itself',
    file: 'client-sdk/src/sync/identity.ts',
    line: '  if (greeting !== null && !isGreetingAnswered) return',
    instead:
      '  if (greeting !== null && !isGreetingAnswered) return meta.update(draft, { greeting: [greeting[0], randomMark()] })',
    test: 'tests/sync/cloned.test.ts',
  },
  {
    law: 4,
    what: 'typing that is merged into an unsent command keeps its id',
    file: 'client-sdk/src/ledger/typing.ts',
    line: '      const command = { ...last.command, id, input }',
    instead: '      const command = { ...last.command, id: last.command.id, input }',
    test: 'tests/sync/leases.test.ts',
  },
  {
    law: 5,
    what: 'other words in a place that is taken are dropped in silence',
    file: 'server/src/core/documents/contradiction.ts',
    line: '    for (const item of known) if (contradicts(item, struct, struct.content.str)) throw taken()',
    instead: '    if (known.length < 0) throw taken()',
    test: 'tests/sync/leases.test.ts',
  },
  {
    law: 6,
    what: 'a revoked device stays connected',
    file: 'server/src/devices/commands.ts',
    line: '    wake(deviceTopic(deviceId))',
    instead: '    void wake',
    test: 'tests/sync/devices.test.ts',
  },
  {
    law: 7,
    what: 'a work log does not show in the document',
    file: 'server/src/tickets/commands/comments.ts',
    line: "    await event({ subject: 'ticket', subjectId: ticketId, type: 'work-logged', payload: { workId, minutes } })",
    instead:
      "    return event({ subject: 'ticket', subjectId: ticketId, type: 'work-logged', payload: { workId, minutes } })",
  },
  {
    law: 7,
    what: 'an audience never ends',
    file: 'server/src/core/documents/audience.ts',
    line: '  if (gone.length > 0) {',
    instead: '  if (gone.length > 1) {',
  },
]

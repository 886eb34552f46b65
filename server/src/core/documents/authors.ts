/** The authors of the parts of a document's texts, from the leases of client ids. It checks no rights. */
import { sql } from 'kysely'
import * as Y from 'yjs'
import { NO_GUID } from '@rejoin/shared/sync/document.ts'
import { applyUpdates } from '@rejoin/shared/sync/updates.ts'
import type { Read } from '../storage/db.ts'
import { SYSTEM_ID } from '../ids.ts'
import { findState } from './state.ts'

/** A part of a text by one author; null if no author is recorded. */
export interface Run {
  readonly text: string
  readonly authorId: string | null
  readonly deviceId: string | null
}

/** A range of clocks of one client id. */
interface Span {
  readonly clock: number
  readonly length: number
  readonly authorId: string | null
  readonly deviceId: string | null
}

type Spans = ReadonlyMap<number, readonly Span[]>

/** These texts of the document as runs; none when it has no state. */
export async function runsOf<Text extends string>(
  read: Read,
  documentId: string,
  texts: readonly Text[],
): Promise<Record<Text, Run[]>> {
  const state = findState(read, documentId)
  const doc = new Y.Doc(NO_GUID)
  if (state !== null) applyUpdates(doc, [state])
  return await runsWithin(read, { documentId, doc, texts })
}

/** These texts of `doc` as runs, by the authors recorded for the document. */
export async function runsWithin<Text extends string>(
  read: Read,
  { documentId, doc, texts }: { documentId: string; doc: Y.Doc; texts: readonly Text[] },
): Promise<Record<Text, Run[]>> {
  const spans = await spansOf(read, documentId, [...doc.store.clients.keys()])
  const runs = texts.map((name) => [name, runsIn(doc.getText(name), spans)] as const)
  return Object.fromEntries(runs) as Record<Text, Run[]>
}

async function spansOf(read: Read, documentId: string, clientIds: readonly number[]): Promise<Spans> {
  const leased = await read
    .selectFrom('textClient')
    .select(['clientId', 'ownerId as authorId', 'deviceId'])
    .where(sql<boolean>`"clientId" in (select value from json_each(${JSON.stringify(clientIds)}))`)
    .where('ownerId', '!=', SYSTEM_ID)
    .execute()
  const written = await read
    .selectFrom('textSpan')
    .select(['clientId', 'clock', 'length', 'authorId', 'deviceId'])
    .where('documentId', '=', documentId)
    .orderBy('clock')
    .execute()
  const whole = leased.map((lease) => ({ ...lease, clock: 0, length: Number.POSITIVE_INFINITY }))
  return Map.groupBy([...whole, ...written], ({ clientId }) => clientId)
}

function runsIn(text: Y.Text, spans: Spans): Run[] {
  const runs: Run[] = []
  for (let item = text._start; item !== null; item = item.right) {
    const { content, id } = item
    if (item.deleted || !(content instanceof Y.ContentString)) continue
    runs.push(...cut(content.str, id.clock, spans.get(id.client) ?? []))
  }
  return joined(runs)
}

/** The parts of a string that begins at `clock`, by the spans that cover it. */
function* cut(text: string, clock: number, spans: readonly Span[]): Generator<Run> {
  const end = clock + text.length
  for (let at = clock; at < end;) {
    const next = spans[firstEndingAfter(spans, at)]
    const isInside = next !== undefined && next.clock <= at
    const until = Math.min(end, next === undefined ? end : isInside ? next.clock + next.length : next.clock)
    const { authorId, deviceId } = isInside ? next : { authorId: null, deviceId: null }
    yield { text: text.slice(at - clock, until - clock), authorId, deviceId }
    at = until
  }
}

/** `spans` are in the order of their clocks, and do not overlap. */
function firstEndingAfter(spans: readonly Span[], clock: number): number {
  let [low, high] = [0, spans.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const span = spans[middle]
    if (span !== undefined && span.clock + span.length > clock) high = middle
    else low = middle + 1
  }
  return low
}

/** The runs, with adjacent runs of one author merged. */
export function joined(runs: readonly Run[]): Run[] {
  const whole: Run[] = []
  for (const run of runs) {
    const last = whole.at(-1)
    const isSame = last?.authorId === run.authorId && last.deviceId === run.deviceId
    if (isSame) whole.splice(-1, 1, { ...last, text: last.text + run.text })
    else whole.push(run)
  }
  return whole
}

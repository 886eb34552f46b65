/** The event log and the audit log of a database, held against what the slices declare. */
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { sql } from 'kysely'
import type { Declaration } from '@rejoin/server/core/events.ts'
import type { Read } from '@rejoin/server/core/storage/db.ts'

type Declarations = Readonly<Record<string, Declaration>>

const SERVER = resolve(import.meta.dirname, '../../server/src')

/** Of every `events.ts`, what it exports under a name that ends so. */
async function declared(ending: 'Events' | 'Facts'): Promise<ReadonlyMap<string, Declaration>> {
  const files = readdirSync(SERVER, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('/events.ts'))
  const exported = await Promise.all(
    files.map((name) => import(/* @vite-ignore */ join(SERVER, name)) as Promise<Record<string, Declarations>>),
  )
  const named = exported.flatMap((module) => Object.entries(module)).filter(([name]) => name.endsWith(ending))
  return new Map(named.flatMap(([, declarations]) => Object.entries(declarations)))
}

/** What the event log may hold, and what the audit log alone. */
export const EVENTS = await declared('Events')
export const FACTS = await declared('Facts')

/** A sentence for each entry that is not as it is declared. */
export async function oddEvents(read: Read): Promise<string[]> {
  // Tests of damage leave texts behind that are no JSON.
  const isObject = sql<boolean>`json_valid(payload) and json_type(payload) = 'object'`
  const columns = ['type', 'subject', 'payload'] as const
  const events = await read.selectFrom('event').select(columns).where(isObject).orderBy('id').execute()
  const audited = await read.selectFrom('audit').select(columns).where(isObject).orderBy('number').execute()
  return [
    ...events.flatMap((row) => oddityIn([EVENTS], row)),
    ...audited.flatMap((row) => oddityIn([FACTS, EVENTS], row)),
  ]
}

interface Entry {
  readonly type: string
  readonly subject: string
  readonly payload: string
}

function oddityIn(declarations: readonly (typeof EVENTS)[], { type, subject, payload }: Entry): string[] {
  const known = declarations.find((each) => each.has(type))
  const oddity = oddityOf(known?.get(type), subject, payload)
  return oddity === null ? [] : [`${type} ${oddity}: ${payload}`]
}

function oddityOf(declared: Declaration | undefined, subject: string, payload: string): string | null {
  if (declared === undefined) return 'is declared by no slice'
  if (!declared.subjects.includes(subject)) return `is about a ${subject}, which its declaration does not name`
  // What the commit loop adds to any event.
  const { clockSuspect: _, backdated: __, ...said } = JSON.parse(payload) as Record<string, unknown>
  const { data, error } = declared.payload.safeParse(said)
  if (error !== undefined) return `does not read by its declaration (${error.message})`
  return isDeepStrictEqual(JSON.parse(JSON.stringify(data)), said) ? null : 'says more than its declaration names'
}

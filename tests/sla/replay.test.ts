/** `rejoin sla replay`: the stories of a file, and the errors in a file. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { replayFile } from '@rejoin/server/slices/sla/engine/replay/replay.ts'
import { rejoin, type Run } from '../harness/rejoin.ts'

const FILE = resolve(import.meta.dirname, 'vectors/sla.json')
/** Where Node keeps the compiled program between starts. */

interface File {
  readonly vectors: readonly { readonly id: string; readonly full: Readonly<Record<string, unknown>> }[]
  readonly calendars: Readonly<Record<string, unknown>>
}

const file = JSON.parse(readFileSync(FILE, 'utf8')) as File

it('answers on the command line with one object a line, also without what is expected', async () => {
  const bare = { ...file, vectors: file.vectors.map(({ full: _, ...vector }) => ({ ...vector, expect: undefined })) }
  expect(await onCommandLine(JSON.stringify(bare))).toEqual(file.vectors.map(({ id, full }) => ({ id, ...full })))
})

it('says of a metric that nothing began that it has not started', () => {
  const events = [{ at: '2026-03-02T10:00:00Z', type: 'created' }]
  expect(replayFile(fileOf({ metric: 'next_response', events }))).toEqual([
    {
      id: 'mine',
      state: 'not_started',
      due_at: null,
      elapsed_s: 0,
      remaining_s: 60,
      breached: false,
      breach_at: null,
      overdue_now: false,
      stopped_at: null,
      cycles: 0,
    },
  ])
})

it.each([
  ['a metric there is none of', { metric: 'happiness' }, /^vector mine: metric: /],
  ['a time without an offset', { as_of: '2026-03-02T10:00' }, /^vector mine: as_of: must be a time such as 2026/],
  ['no target', { target_s: 0 }, /^vector mine: target_s: must be more than 0/],
  ['a calendar there is none of', { calendar: 'mars' }, /^vector mine: calendar: there is no calendar named mars/],
  ['no creation', { events: [{ at: '2026-03-02T10:00:00Z', type: 'merged' }] }, /^vector mine: events: must begin/],
  ['a field there is none of', { polcy: {} }, /^vector mine: .*polcy/],
  [
    'a status there is none of',
    {
      events: [
        { at: '2026-03-02T10:00:00Z', type: 'created' },
        { at: '2026-03-02T10:00:00Z', type: 'status', to: 'done' },
      ],
    },
    /^vector mine: events\.1\.to: /,
  ],
])('names the vector and the field of %s', (_, fields, says) => {
  expect(() => replayFile(fileOf(fields))).toThrow(says)
})

const created = { at: '2026-03-02T10:00:00Z', type: 'created' }
const before = '2026-03-02T09:00:00Z'
const after = '2026-03-02T11:00:00Z'

it.each([
  ['an event before the creation', [created, { at: before, type: 'merged' }], 'events.1.at: is before the creation of'],
  [
    'a second creation',
    [created, { at: after, type: 'created' }],
    'events.1.type: the first event has already created the ticket',
  ],
  [
    'an event that was received before it happened',
    [created, { at: '2026-03-02T12:00:00Z', received_at: after, type: 'queued' }],
    'events.1.received_at: is before the event itself',
  ],
  [
    'work that was received before the creation',
    [created, { at: after, received_at: before, type: 'queued', offline: {} }],
    'events.1.received_at: is before the server learned of the creation',
  ],
  [
    'an event while the creation was not known',
    [
      { ...created, received_at: after },
      { at: '2026-03-02T10:30:00Z', type: 'queued' },
    ],
    'events.1.at: is before the server learned of the creation',
  ],
])('refuses a story that cannot have been, with the vector and the field: %s', (_, events, says) => {
  expect(() => replayFile(fileOf({ events, as_of: '2026-03-02T11:30:00Z' }))).toThrow(`vector mine: ${says}`)
})

it('refuses to tell of a time before the creation', () => {
  expect(() => replayFile(fileOf({ as_of: before }))).toThrow('vector mine: as_of: is before the server learned of')
})

it('has work of a device whose clock is behind happen at the creation at the earliest', () => {
  const offline = { same_boot: false, skew_s: 0 }
  const events = [created, { at: before, received_at: after, type: 'status', to: 'resolved', offline }]
  expect(replayFile(fileOf({ events, as_of: after }))).toMatchObject([
    { state: 'stopped', stopped_at: created.at, flags: ['clock_suspect'] },
  ])
})

it.each([
  ['a zone there is none of', { tz: 'Mars/Olympus', weekly: {} }, /^calendars\.mine\.tz: must be a time zone/],
  [
    'an hour there is none of',
    { tz: 'UTC', weekly: { mon: [['9:00', '17:00']] } },
    /^calendars\.mine\.weekly\.mon\.0\.0/,
  ],
  ['an interval that ends before it starts', { tz: 'UTC', weekly: { mon: [['22:00', '06:00']] } }, /two intervals/],
  [
    'half a holiday',
    { tz: 'UTC', weekly: {}, holidays: [{ recurring_from: '12-24' }] },
    /holidays\.0: must have a date/,
  ],
  ['a day there is none of', { tz: 'UTC', weekly: {}, holidays: [{ date: '2026-02-30' }] }, /holidays\.0\.date: /],
])('names the field of a calendar with %s', (_, calendar, says) => {
  expect(() => replayFile({ ...fileOf({}), calendars: { mine: calendar } })).toThrow(says)
})

it('prints nothing on standard output when anything is wrong, names all of it, and ends with 1', async () => {
  const vectors = [...fileOf({}).vectors, { id: 'other' }, 7]
  const failure = await replay(JSON.stringify({ ...fileOf({}), vectors }))
  expect(failure).toMatchObject({ code: 1, out: '' })
  expect(failure.errors).toMatch(/^vector other: calendar: .*; vector number 3: input: /)
  expect(await replay('{')).toMatchObject({ code: 1, out: '', errors: expect.stringMatching(/is not JSON/) })
})

function fileOf(fields: Readonly<Record<string, unknown>>) {
  const events = [{ at: '2026-03-02T10:00:00Z', type: 'created' }]
  const whole = { id: 'mine', calendar: 'always', metric: 'resolution', target_s: 60, as_of: '2026-03-02T10:00:00Z' }
  return { calendars: file.calendars, vectors: [{ ...whole, events, ...fields }] }
}

async function onCommandLine(content: string): Promise<unknown[]> {
  const { code, out, errors } = await replay(content)
  expect([code, errors]).toEqual([0, ''])
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}

async function replay(content: string): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-replay-'))
  try {
    writeFileSync(join(folder, 'mine.json'), content)
    return await rejoin(['sla', 'replay', join(folder, 'mine.json')])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

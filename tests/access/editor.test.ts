/** What somebody may change who opened the document itself: a write to a field is judged as the command it stands for. */
import type * as Y from 'yjs'
import { expect, it } from 'vitest'
import { FIELDS } from '@rejoin/shared/sync/document.ts'
import type { Role } from '@rejoin/shared/access/access.ts'
import { contentOf } from '../doors/database.ts'
import { RawEditor } from '../doors/editor.ts'
import { Editor } from '../harness/editor.ts'
import type { Person } from '../harness/world.ts'
import { letterOf, setStage, ticketFor, type Stage } from './stage.ts'
import { RELATIONS, ROLES, WRITES } from './table.ts'

type Write = keyof typeof WRITES

const CHANGES: Readonly<Record<Write, (stage: Stage, person: Person) => (doc: Y.Doc) => void>> = {
  title: () => (doc) => doc.getMap(FIELDS).set('title', 'Plotter'),
  status: () => (doc) => doc.getMap(FIELDS).set('status', 'in_progress'),
  'assign to another':
    ({ stranger }) =>
    (doc) =>
      doc.getMap(FIELDS).set('assigneeId', stranger.id),
  'assign to myself': (_stage, person) => (doc) => doc.getMap(FIELDS).set('assigneeId', person.id),
  departmentId:
    ({ home, away }) =>
    (doc) => {
      const fields = doc.getMap(FIELDS)
      fields.set('departmentId', fields.get('departmentId') === home ? away : home)
    },
  description: () => (doc) => doc.getText('description').insert(0, 'It hums.'),
  notes: () => (doc) => doc.getText('notes').insert(0, 'Bring paper.'),
}

/** What becomes of the write, as a letter of the table. After a refusal nothing must be different. */
async function attempt(stage: Stage, write: Write, person: Person, ticketId: string): Promise<string> {
  const { world } = stage
  const editor = await RawEditor.open(world.url, ticketId, person.token)
  if (editor.closed !== null) return letterOf(null, codeOf(editor))
  const watcher = await RawEditor.open(world.url, ticketId, (await world.desk()).token)
  const seen = watcher.value()
  const before = await contentOf(world.app)

  await editor.write(CHANGES[write](stage, person))
  const [verdict] = editor.verdicts
  const isShut = editor.closed !== null
  const code = isShut ? codeOf(editor) : verdict?.outcome === 'refused' ? (verdict.code ?? '') : null
  await watcher.fence()
  // A refused field comes back by a further write of the document; refused text was never merged.
  const except = isShut ? [] : ['document', 'documentUpdate', 'revision', 'textClient']
  const untouched = { mine: isShut ? null : seen, theirs: seen, rows: omit(before, except) }
  const found = { mine: isShut ? null : editor.value(), theirs: watcher.value(), rows: await rowsNow(stage, except) }
  expect(code === null ? untouched : found).toEqual(untouched)
  await watcher.close()
  if (!isShut) await editor.close()
  return letterOf(null, code)
}

async function rowsNow({ world }: Stage, except: readonly string[]): Promise<Record<string, string>> {
  return omit(await contentOf(world.app), except)
}

function codeOf({ closed }: RawEditor): string {
  expect(closed?.code).toBe(4403)
  return closed?.reason.split(':')[0] ?? ''
}

function omit(content: Record<string, string>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(content).filter(([name]) => !names.includes(name)))
}

it.each(Object.keys(WRITES) as Write[])('judges a direct write (%s) by the table', async (write) => {
  const stage = await setStage()
  await using _world = stage.world
  const found: Partial<Record<Role, string>> = {}
  for (const role of ROLES) {
    const person = stage.people[role]
    const letters: string[] = []
    for (const [column, expected] of WRITES[write][role].split(' ').entries()) {
      const relation = RELATIONS[column]
      if (expected === '-' || relation === undefined) letters.push('-')
      else letters.push(await attempt(stage, write, person, await ticketFor(stage, person, relation)))
    }
    found[role] = letters.join(' ')
  }
  expect(found).toEqual(WRITES[write])
})

it('shows a stock client the door when it writes text it may not write', async () => {
  const stage = await setStage()
  await using world = stage.world
  const { agent } = stage.people
  const ticketId = await ticketFor(stage, agent, 'watched')
  const before = await contentOf(world.app)
  using editor = await Editor.open(world, agent, ticketId)
  expect(editor.closed).toBeNull()
  editor.description.insert(0, 'It hums.')
  await editor.until(() => editor.closed !== null)
  expect(editor.closed).toMatchObject({ code: 4403, reason: expect.stringMatching(/^forbidden/) as string })
  expect(await contentOf(world.app)).toEqual(before)
})

/** Texts that commands and queries take: characters that nobody sees are taken out or refused, in every field. */
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { operations } from '@rejoin/server/router.ts'
import { lines, name } from '@rejoin/shared/names.ts'

const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => String.fromCodePoint(first + index))

const CONTROLS = [...range(0x00, 0x1f), ...range(0x7f, 0x9f), '\u2028', '\u2029']
const DIRECTIONS = ['\u061C', '\u200E', '\u200F', ...range(0x202a, 0x202e), ...range(0x2066, 0x2069)]
const INVISIBLE = ['\u00AD', '\u034F', '\u115F', '\u180E', '\u200B', '\u200C', '\u200D', '\u2060', '\u2800', '\u3164']
const HIDDEN = [...CONTROLS, ...DIRECTIONS, ...INVISIBLE, '\uFE0F', '\uFEFF', '\uFFA0', '\uFFFF', '\u{E0041}']

/** Long texts, which are kept as written; what is kept secret, hashed or taken apart; and where a list goes on. */
const AS_WRITTEN = (
  'body description resolution custom csv ics update ' +
  'password current token code ' +
  'after before cursor'
).split(' ')
/** Only ever compared with what is there: ids, and these. */
const isReference = (path: string) => /(\.id|Ids?)$/.test(path) || COMPARED.includes(path)
const COMPARED = [
  'accounts.logIn.email',
  'accounts.logInByCookie.email',
  'accounts.createPasswordLink.email',
  'audit.list.address',
  'audit.list.subject',
  'audit.list.type',
  'sla.calendars.importHolidays.leaveOut.uids',
  'sla.calendars.importHolidays.leaveOut.categories',
]

interface Leaf {
  readonly path: string
  readonly schema: z.core.$ZodType
}

/** The texts of an input. */
function textsIn(schema: z.core.$ZodType, path: string): Leaf[] {
  const { def } = (schema as z.core.$ZodTypes)._zod
  if (def.type === 'string') return [{ path, schema }]
  if (def.type === 'pipe') return textsIn(def.in, path).map((leaf) => ({ ...leaf, schema }))
  if (def.type === 'object') {
    return Object.entries(def.shape).flatMap(([key, each]) => textsIn(each, `${path}.${key}`))
  }
  if (def.type === 'union') return def.options.flatMap((each) => textsIn(each, path))
  if (def.type === 'array') return textsIn(def.element, path)
  if (def.type === 'record') return textsIn(def.valueType, path)
  return 'innerType' in def ? textsIn(def.innerType, path) : []
}

const LEAVES = [...operations].flatMap(([path, { input }]) => textsIn(input, path))
const isChecked = ({ path }: Leaf) =>
  !isReference(path) && !AS_WRITTEN.some((each) => path.split('.').slice(1).includes(each))

/** The hidden characters that a text keeps. */
function kept({ schema }: Leaf): string[] {
  return HIDDEN.filter((hidden) =>
    [`a${hidden}b`, `${hidden}ab`, `ab${hidden}`, `a${hidden}${hidden}b`].some((text) => {
      const { data } = z.safeParse(schema, text)
      return typeof data === 'string' && data.includes(hidden)
    }),
  )
}

it('keeps no character that nobody sees in a text that it stores, but for the ends of lines in reasons', () => {
  const checked = LEAVES.filter(isChecked)
  expect(checked.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      'tickets.tag.tag',
      'tickets.create.tags',
      'tickets.edit.set.title',
      'departments.create.name',
    ]),
  )
  const keeping = checked.map((leaf) => [leaf.path, kept(leaf)] as const).filter(([, hidden]) => hidden.length > 0)
  const LINES = /\.(reason|resolution|note)$/
  expect(keeping.filter(([path, hidden]) => !LINES.test(path) || hidden.join('') !== '\t\n')).toEqual([])
})

const parts = fc.constantFrom(
  ...HIDDEN,
  'a',
  'É',
  'e\u0301',
  ' ',
  '\u0628',
  '\u0915\u094D',
  '\u1820',
  '\u180B',
  '👩',
  '0',
  '\uD800',
)
const typed = fc.array(parts, { maxLength: 12 }).map((each) => each.join(''))

it.each([
  ['a line', name(300)],
  ['lines', lines(300)],
])('takes hidden characters out of %s once and for all, and refuses none that has another one', (_what, schema) => {
  fc.assert(
    fc.property(typed, (text) => {
      const { data } = schema.safeParse(text)
      const again = data === undefined ? undefined : schema.parse(data)
      expect([data === undefined, again]).toEqual([text.trim() === '', data])
    }),
    { numRuns: 2000 },
  )
})

it('leaves joiners and marks where people see them', () => {
  for (const text of ['👩‍👩‍👧', '❤️', 'क्‍ष', 'می‌خواهم']) expect(name(60).parse(text)).toBe(text)
})

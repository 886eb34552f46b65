/** An export of people is imported equal, with any names of people and departments. */
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { csvOf, linesOf, PersonRow } from '@rejoin/server/slices/accounts/people/csv.ts'
import { composed, visibleName } from '@rejoin/shared/names.ts'
import { startWorld, type World } from '../harness/world.ts'

/** Pieces that mean something to a spreadsheet, to CSV, or to Unicode. */
const PIECE = fc.oneof(
  fc.constantFrom(
    "'",
    '"',
    ';',
    ',',
    '=',
    '+',
    '-',
    '@',
    '\t',
    '\r',
    '\n',
    '\r\n',
    '\\',
    ' ',
    '\uFF1D',
    '\uFEFF',
    '#',
    '|',
  ),
  fc.constantFrom("'=", "''=1+1", '=1+1', 'sep=;', '"";""', 'é', 'e\u0301', 'ﬁ', '😀', 'شرق', 'Sales; EMEA', '#N/A'),
  fc.string({ unit: 'grapheme', maxLength: 6 }).filter((text) => !/[\0\uFFFD]/.test(text)),
)
/** Anything that may stand in a cell, such as the names that earlier versions took. */
const TEXT = fc
  .array(PIECE, { minLength: 1, maxLength: 8 })
  .map((pieces) => pieces.join('').slice(0, 100).toWellFormed().replaceAll('\uFFFD', ''))
  .filter((name) => name.trim() !== '')

const NAME = TEXT.filter((name) => visibleName(100).safeParse(name).success)

const PEOPLE = fc.array(
  fc.record({
    name: NAME,
    organisation: fc.option(NAME),
    departments: fc.array(fc.nat(), { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 20 },
)
const DEPARTMENTS = fc.uniqueArray(NAME, {
  minLength: 1,
  maxLength: 6,
  selector: (name) => name.normalize('NFC').trim().toLowerCase(),
})

const READER = { name: 'Lecteur élevé; "=1"', base: 'agent' as const, grants: { 'ticket.assign': [] } }

async function membersOf({ app }: World) {
  const people = await app.read
    .selectFrom('user')
    .leftJoin('customRole', 'customRole.id', 'customRoleId')
    .selectAll('user')
    .select('customRole.name as customRole')
    .orderBy('number')
    .execute()
  const members = await app.read
    .selectFrom('membership')
    .innerJoin('department', 'department.id', 'departmentId')
    .select(['userId', 'name'])
    .orderBy('name')
    .execute()
  return people.map(({ id, name, email, role, customRole, status, organisation }) => {
    const departments = members.filter(({ userId }) => userId === id).map((member) => member.name)
    return { name, email, role, customRole, status, organisation, departments }
  })
}

/** A world with these departments, and with the desk that makes them. */
async function worldWith(names: readonly string[]) {
  const world = await startWorld()
  const { api } = await world.desk()
  const departments: string[] = []
  for (const name of names) departments.push((await api.departments.create.mutate({ name })).output.departmentId)
  return { world, api, departments, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() }
}

const NO_ROLE = { 'custom role': null } as const

it('reads each row as it was written, also where a spreadsheet has put a mark or a delimiter of its own', () => {
  const none = { number: 'TEC-0001', status: 'active', role: 'agent', locale: null, zone: null } as const
  const kept = (name: string) => composed(name).trim()
  const row = fc.record({ name: NAME, organisation: NAME, departments: fc.array(NAME, { maxLength: 4 }) })
  fc.assert(
    fc.property(fc.array(row, { maxLength: 5 }), (rows) => {
      const people = rows.map(({ name, organisation, departments }, index) => ({
        ...none,
        ...NO_ROLE,
        name: kept(name),
        organisation: kept(organisation),
        departments: [...new Set(departments.map(kept))],
        email: `p${index}@example.com`,
        phone: '+43 1 234567',
      }))
      const read = linesOf(`\uFEFF${csvOf(people)}`, 'people.csv').map(({ cells }) => PersonRow.parse(cells))
      const { number: _number, locale: _locale, zone: _zone, ...given } = none
      expect(read).toEqual(
        people.map(({ number: _, locale: _l, zone: _z, 'custom role': _c, ...person }) => ({ ...given, ...person })),
      )
    }),
    { numRuns: 3000 },
  )
})

it('reads each cell as it was written, whatever is in it', () => {
  const none = { number: 'TEC-0001', status: 'active', role: 'agent', locale: null, zone: null, phone: null } as const
  fc.assert(
    fc.property(fc.array(fc.record({ name: TEXT, organisation: TEXT }), { maxLength: 5 }), (rows) => {
      const people = rows.map(({ name, organisation }) => ({ name: name.trim(), organisation: organisation.trim() }))
      const csv = csvOf(
        people.map((person) => ({ ...none, ...NO_ROLE, ...person, departments: [], email: 'p@example.com' })),
      )
      const read = linesOf(csv, 'people.csv').map(({ cells: { name, organisation } }) => ({ name, organisation }))
      expect(read).toEqual(people)
    }),
    { numRuns: 2000 },
  )
})

it('imports everybody as they were exported, by the API', async () => {
  await fc.assert(
    fc.asyncProperty(DEPARTMENTS, PEOPLE, async (names, people) => {
      await using from = await worldWith(names)
      const { customRoleId } = (await from.api.accounts.roles.create.mutate(READER)).output
      for (const [index, { departments, ...person }] of people.entries()) {
        const ids = [...new Set(departments.map((nth) => from.departments[nth % names.length] ?? ''))]
        const email = `p${index}@example.com`
        const user = { ...withoutNull(person), email, role: 'agent', departments: ids } as const
        const { userId } = (await from.api.accounts.createUser.mutate(user)).output
        if (index % 3 === 0) await from.api.accounts.setRole.mutate({ userId, customRoleId })
      }
      const { output } = await from.api.accounts.exportPeople.mutate()

      await using to = await worldWith(names)
      await to.api.accounts.roles.create.mutate(READER)
      const { lines } = (await to.api.accounts.importPeople.mutate({ csv: output })).output
      expect(lines.filter(({ outcome }) => outcome === 'left-out')).toEqual([])
      expect(await membersOf(to.world)).toEqual(await membersOf(from.world))
      expect((await to.api.accounts.exportPeople.mutate()).output).toBe(output)
    }),
    { numRuns: 12, endOnFailure: true },
  )
}, 180_000)

function withoutNull<Fields extends object>(fields: Fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)) as {
    [Name in keyof Fields]: Exclude<Fields[Name], null>
  }
}

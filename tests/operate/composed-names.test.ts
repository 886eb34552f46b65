/** Names that read the same are the same, however their accents are encoded: new ones, and those stored before. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { DATABASE_FILE } from '@rejoin/server/core/storage/sqlite.ts'
import { DEFAULT_POLICY } from '@rejoin/server/slices/sla/engine/terms.ts'
import type { Finding } from '@rejoin/server/cli/doctor/finding.ts'
import { rowsOnDisk } from '../harness/database.ts'
import { BEFORE_KINDS } from '../harness/older-database.ts'
import { codeOf } from '../harness/refused.ts'
import { rejoin } from '../harness/rejoin.ts'
import { startWorld } from '../harness/world.ts'
import { csv, OPENED, startPlace } from '../import/place.ts'

/** As macOS writes the names of files, and some forms the text of a field. */
const apart = (name: string) => name.normalize('NFD')

it('takes a name in either form for the same', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const { departments, accounts, sla, tickets } = api
  await departments.create.mutate({ name: apart('Büro') })
  expect(await codeOf(departments.create.mutate({ name: 'Büro' }))).toBe('conflict')
  await accounts.roles.create.mutate({ name: apart('Prüfer'), base: 'agent', grants: {} })
  expect(await codeOf(accounts.roles.create.mutate({ name: 'Prüfer', base: 'agent', grants: {} }))).toBe('conflict')
  const calendar = { value: { zone: 'UTC', weekly: { mon: [['09:00', '17:00']] } } } as const
  await sla.calendars.create.mutate({ name: apart('Köln'), ...structuredClone(calendar) } as never)
  expect(await codeOf(sla.calendars.create.mutate({ name: 'Köln', ...calendar } as never))).toBe('conflict')

  const people = ['name,email,role,departments,organisation', apart('Zoë,zoe@example.com,agent,Büro,Münch & Söhne')]
  const { output } = await accounts.importPeople.mutate({ csv: people.join('\n') })
  expect(output.lines).toEqual([{ line: 2, outcome: 'added' }])
  expect(await accounts.people.query({ role: 'agent' })).toMatchObject([{ name: 'Zoë', organisation: 'Münch & Söhne' }])

  const { id } = await world.ticket({ title: apart('Tür klemmt'), tags: [apart('TÜR'), 'tür', apart('J̌')] })
  await tickets.untag.mutate({ ticketId: id, tag: 'ǰ' })
  expect(await tickets.list.query({ text: apart('tür k') })).toMatchObject({ tickets: [{ title: 'Tür klemmt' }] })
  const tags = rowsOnDisk(world.dataDir, 'select tag from ticketTag')
  expect(tags).toEqual([{ tag: 'tür' }])
})

const CALENDAR = { zone: 'UTC', weekly: { mon: [['09:00', '17:00']] } } as never

it('refuses a name that reads like another at every door, and names the other', async () => {
  await using world = await startWorld()
  const { departments, accounts, sla } = (await world.desk()).api
  const grants = {}
  const policy = (name: string) => ({ value: { ...DEFAULT_POLICY, name } })
  const doors = {
    department: async (name: string) => departments.create.mutate({ name }),
    role: async (name: string) => accounts.roles.create.mutate({ name, base: 'agent', grants }),
    calendar: async (name: string) => sla.calendars.create.mutate({ name, value: CALENDAR }),
    policy: async (name: string) => sla.policies.create.mutate(policy(name)),
  }
  for (const [kind, create] of Object.entries(doors)) {
    await create('Ärzte')
    for (const name of ['ärzte', 'ÄRZTE', apart('Ärzte'), ' Ärzte'])
      await expect(create(name), `${kind} ${name}`).rejects.toThrow(`name: there is already a ${kind} Ärzte.`)
    await create('Ärzte 2')
  }
  const [role] = await accounts.roles.list.query({})
  const { policyId } = (await sla.policies.create.mutate(policy('np'))).output
  const edited = { customRoleId: role?.id ?? '', name: 'ÄRZTE 2' }
  expect(await codeOf(accounts.roles.edit.mutate(edited))).toBe('conflict')
  expect(await codeOf(sla.policies.edit.mutate({ policyId, ...policy('ärzte 2') }))).toBe('conflict')
  await sla.policies.edit.mutate({ policyId, ...policy('NP') })
})

it('keeps twins of before, which can be changed without another name, and has the doctor tell of each kind', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const { departments, accounts, sla } = api
  const policy = (name: string) => ({ value: { ...DEFAULT_POLICY, name } })
  for (const name of ['Rôle', 'Other']) {
    await departments.create.mutate({ name })
    await accounts.roles.create.mutate({ name, base: 'agent', grants: {} })
    await sla.calendars.create.mutate({ name, value: CALENDAR })
    await sla.policies.create.mutate(policy(name))
  }
  const copy = await world.backup()
  await world.restore(copy, (dataDir) => {
    using db = new DatabaseSync(join(dataDir, DATABASE_FILE))
    for (const table of ['department', 'customRole', 'slaCalendar'])
      db.exec(`update ${table} set name = 'rÔle' where name = 'Other'`)
    db.exec(`update slaPolicyVersion set value = json_set(value, '$.name', 'rÔle') where value ->> 'name' = 'Other'`)
  })
  const twin = (await accounts.roles.list.query({})).find(({ name }) => name === 'rÔle')
  await accounts.roles.edit.mutate({ customRoleId: twin?.id ?? '', grants: { 'ticket.close': ['any'] } } as never)
  const calendar = (await sla.calendars.list.query({})).find(({ name }) => name === 'rÔle')
  await sla.calendars.edit.mutate({ calendarId: calendar?.id ?? '', name: 'rÔle', value: CALENDAR })

  const csvText = ['name,email,role,departments', 'Bo,bo@example.com,agent,rÔle', 'Cy,cy@example.com,agent,RÔLE']
  const { output } = await accounts.importPeople.mutate({ csv: csvText.join('\n') })
  expect(output.lines).toEqual([
    { line: 2, outcome: 'added' },
    { line: 3, outcome: 'left-out', message: '"RÔLE" can be each of: rÔle, Rôle.' },
  ])

  const { out } = await rejoin(['doctor', '--json', '--data-dir', world.dataDir])
  const { findings } = JSON.parse(out) as { findings: Finding[] }
  const told = findings.filter(({ check }) => check === 'names').map(({ message }) => message.split(' are all')[0])
  expect(told).toEqual(['2 departments', '2 roles', '2 calendars', '2 policies'])
})

it('finds the people and departments of a log by either form', async () => {
  using place = startPlace()
  const row = (number: string, name: string, group: string) => {
    return { ...OPENED, number, caller_id: name, assignment_group: group, opened_by: 'Dora', sys_updated_by: 'Dora' }
  }
  const rows = [row('INC1', 'Zoë', 'Büro'), row('INC2', apart('Zoë'), apart('Büro')), row('INC3', 'Zo\u200Bë', 'Büro')]
  const { stdout } = await place.run(place.write('log.csv', csv(rows)))
  expect(stdout).toContain('has a character that nobody sees (U+200B)')
  expect(rowsOnDisk(place.dataDir, 'select name from user order by name').map(({ name }) => name)).toEqual([
    'Dora',
    'Zoë',
  ])
  expect(rowsOnDisk(place.dataDir, 'select name from department')).toEqual([{ name: 'Büro' }])
})

/** Takes the database back to before names were composed, and lets `change` alter it. */
function leaveBefore(dataDir: string, change: (db: DatabaseSync) => void): void {
  using db = new DatabaseSync(join(dataDir, DATABASE_FILE))
  db.exec(`alter table department drop column disabledAt; drop table staleDocument`)
  db.exec(BEFORE_KINDS)
  db.exec(`delete from migration where name >= '0030'`)
  change(db)
}

it('composes the names of before, shows them on every device, and has the doctor tell of those that became twins', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const ticket = await world.ticket({ assignee: ada.person, tags: ['one', 'two'] })
  const plain = await world.ticket({ title: 'Plain' })
  await world.department('first')
  await world.department('second')
  await ada.rejoin()
  const before = rowsOnDisk(world.dataDir, `select rev from ticket where id = '${plain.id}'`)
  const copy = await world.backup()
  await world.restore(copy, (dataDir) =>
    leaveBefore(dataDir, (db) => {
      const set = (statement: string, ...values: string[]) => db.prepare(statement).run(...values)
      set('update ticket set title = ?, category = ? where id = ?', apart('Tür'), apart('Gebäude'), ticket.id)
      set(`update ticketTag set tag = ? where tag = 'one'`, apart('tür'))
      set(`update ticketTag set tag = 'tür' where tag = 'two'`)
      set('update user set name = ? where id = ?', apart('Adä'), ada.person.id)
      set(`update department set name = ? where name = 'first'`, 'Büro')
      set(`update department set name = ? where name = 'second'`, apart('Büro'))
      const workspace = { name: apart('Müller'), zone: 'UTC', line: apart('a\náb') }
      set(`insert or replace into setting (key, value) values ('workspace', ?)`, JSON.stringify(workspace))
    }),
  )
  await ada.rejoin()
  expect(ada.view(ticket.id)).toMatchObject({
    title: 'Tür',
    category: 'Gebäude',
    tags: ['tür'],
    assigneeName: 'Adä',
  })
  expect(await (await world.desk()).api.workspace.get.query()).toMatchObject({ name: 'Müller' })
  expect(rowsOnDisk(world.dataDir, 'select ticketId from staleDocument')).toEqual([])
  expect(rowsOnDisk(world.dataDir, `select rev from ticket where id = '${plain.id}'`)).toEqual(before)

  const { out } = await rejoin(['doctor', '--json', '--data-dir', world.dataDir])
  const { findings } = JSON.parse(out) as { findings: Finding[] }
  expect(findings.filter(({ check }) => check === 'names')).toMatchObject([
    {
      severity: 'warning',
      message: expect.stringMatching(/^2 departments are all named Büro; their ids are /) as string,
    },
  ])
  expect(findings.filter(({ check }) => check === 'invariants')).toMatchObject([{ severity: 'ok' }])
})

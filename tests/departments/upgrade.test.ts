/** An upgrade leaves where tickets without a department go as it was: the oldest department. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { DATABASE_FILE } from '@rejoin/server/core/storage/sqlite.ts'
import { BEFORE_KINDS } from '../harness/older-database.ts'
import { startWorld } from '../harness/world.ts'

/** Takes the database back to before departments could be disabled, with what `change` makes of it. */
function leaveBefore(dataDir: string, change: (db: DatabaseSync) => void): void {
  using db = new DatabaseSync(join(dataDir, DATABASE_FILE))
  db.exec(BEFORE_KINDS)
  db.exec(`alter table department drop column disabledAt; delete from migration where name >= '0031'`)
  change(db)
}

const OLDEST = `update department set createdAt = 0 where name = 'lab'; `

it.each([
  { what: 'nobody had named', change: `delete from setting`, kept: { name: 'Rejoin', zone: 'UTC' } },
  {
    what: 'had a name',
    change: `insert or replace into setting values ('workspace', '{"name":"Works","zone":"Europe/Vienna"}')`,
    kept: { name: 'Works', zone: 'Europe/Vienna' },
  },
])('keeps the oldest department of a workspace that $what', async ({ change, kept }) => {
  await using world = await startWorld()
  await world.department('support')
  const lab = await world.department('lab')
  const copy = await world.backup()
  await world.restore(copy, (dataDir) => leaveBefore(dataDir, (db) => db.exec(`${OLDEST}${change}`)))
  const { api } = await world.desk()
  expect(await api.workspace.get.query()).toEqual({ ...kept, defaultDepartmentId: lab })
  expect((await api.departments.list.query()).map(({ disabledAt }) => disabledAt)).toEqual([null, null])
})

it('leaves a setting alone that is damaged, and a workspace that has no departments', async () => {
  await using world = await startWorld()
  const copy = await world.backup()
  await world.restore(copy, (dataDir) => leaveBefore(dataDir, () => undefined))
  const { api } = await world.desk()
  expect(await api.workspace.get.query()).toMatchObject({ defaultDepartmentId: null })
  const lab = await world.department('lab')
  expect(await api.workspace.get.query()).toMatchObject({ defaultDepartmentId: lab })
  const damaged = await world.backup()
  await world.restore(damaged, (dataDir) =>
    leaveBefore(dataDir, (db) => db.exec(`update setting set value = '{"name":'`)),
  )
  expect(await world.app.read.selectFrom('setting').select('value').execute()).toEqual([{ value: '{"name":' }])
})

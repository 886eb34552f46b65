/** What administrators have set, by key, as JSON. Whoever reads a setting knows its shape, and what holds without it. */
import type { CommandContext } from './commit/command.ts'
import type { Read } from './db.ts'
import { putRow } from './prepared.ts'

/** Undefined where nobody has set it. */
export async function findSetting(read: Read, key: string): Promise<unknown> {
  const row = await read.selectFrom('setting').select('value').where('key', '=', key).executeTakeFirst()
  return row === undefined ? undefined : JSON.parse(row.value)
}

export async function changeSetting({ tx, event }: CommandContext, key: string, value: object): Promise<void> {
  putRow(tx, 'setting', { key }, { value: JSON.stringify(value) })
  await event({ subject: 'setting', subjectId: key, type: 'setting-changed', payload: { ...value } })
}

/** What administrators have set, by key, as JSON. Whoever reads a setting knows its shape, and what holds without it. */
import type { CommandContext } from './command.ts'
import type { Read } from './storage/db.ts'
import { putRow } from './storage/prepared.ts'
import { parsedAs } from './storage/stored-json.ts'

/** As `parse` has it; null where nobody has set it, or the disk has damaged it. */
export async function findSetting<Value>(
  read: Read,
  key: string,
  parse: (json: unknown) => Value,
): Promise<Value | null> {
  const row = await read.selectFrom('setting').select('value').where('key', '=', key).executeTakeFirst()
  return row === undefined ? null : parsedAs(read, row.value, `The setting ${key}`, parse)
}

export async function changeSetting({ tx, event }: CommandContext, key: string, value: object): Promise<void> {
  putRow(tx, 'setting', { key }, { value: JSON.stringify(value) })
  await event({ subject: 'setting', subjectId: key, type: 'setting-changed', payload: { ...value } })
}

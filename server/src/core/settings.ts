/** Settings made by administrators, by key, as JSON. The reader of a setting knows its shape and its default. */
import type { CommandContext } from './command.ts'
import type { Read } from './storage/db.ts'
import { putRow } from './storage/prepared.ts'
import { parsedAs } from './storage/stored-json.ts'

/** The parsed setting; null if no administrator has set it, or the disk has damaged it. */
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

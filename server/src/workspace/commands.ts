/** What the workspace is called, and in which time zone it is at home. */
import { mustAnywhere } from '../accounts/queries.ts'
import { command } from '../core/commit/command.ts'
import { KEY, Workspace } from './queries.ts'

export const editWorkspace = command({
  name: 'workspace.edit',
  input: Workspace,
  async run({ tx, actor, event }, workspace) {
    mustAnywhere(actor, 'workspace.edit')
    const row = { key: KEY, value: JSON.stringify(workspace) }
    await tx
      .insertInto('setting')
      .values(row)
      .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
      .execute()
    await event({ subject: 'setting', subjectId: KEY, type: 'setting-changed', payload: workspace })
  },
})

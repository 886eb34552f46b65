/** What the workspace is called, and in which time zone it is at home. */
import { mustAnywhere } from '../accounts/queries.ts'
import { command } from '../core/commit/command.ts'
import { KEY, Workspace } from './queries.ts'
import { changeSetting } from '../core/settings.ts'

export const editWorkspace = command({
  name: 'workspace.edit',
  input: Workspace,
  async run(context, workspace) {
    mustAnywhere(context.actor, 'workspace.edit')
    await changeSetting(context, KEY, workspace)
  },
})

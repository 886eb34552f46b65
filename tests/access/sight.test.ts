/** Who sees which ticket: through the API, on a device, and at the editor's door. */
import { expect, it } from 'vitest'
import type { Role } from '@rejoin/shared/access/access.ts'
import { RawEditor } from '../doors/editor.ts'
import { rowSeen, type Sight } from './looks.ts'
import { setStage, ticketFor } from './stage.ts'
import { ROLES, SIGHT } from './table.ts'

it.each(Object.keys(SIGHT) as Sight[])(
  'shows by %s what the table lets somebody see, and nothing else',
  async (way) => {
    const stage = await setStage()
    await using _world = stage.world
    const found: Partial<Record<Role, string>> = {}
    for (const role of ROLES) found[role] = await rowSeen(stage, way, stage.people[role], SIGHT[way][role])
    expect(found).toEqual(SIGHT[way])
  },
)

it('shows nobody anything who is not signed in', async () => {
  const stage = await setStage()
  await using world = stage.world
  const ticketId = await ticketFor(stage, stage.people.agent, 'assigned')
  for (const token of [undefined, 'not-a-token']) {
    const editor = await RawEditor.open(world.url, ticketId, token)
    expect(editor.closed).toMatchObject({ code: 4401 })
    expect(editor.value()).not.toHaveProperty('id')
  }
})

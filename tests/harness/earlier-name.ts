/** Somebody whose name is of before the rule for names: an earlier version has taken it. */
import { z } from 'zod'
import { command } from '@rejoin/server/core/command.ts'
import { SYSTEM_ID } from '@rejoin/server/core/ids.ts'
import type { World } from './world.ts'

const nameAsBefore = command({
  name: 'harness.name-as-before',
  input: z.object({ email: z.string(), name: z.string() }),
  run: async ({ tx }, { email, name }) =>
    void (await tx.updateTable('user').set({ name }).where('email', '=', email).execute()),
})

export async function giveEarlierName(world: World, person: { email: string; name: string }): Promise<void> {
  await world.app.commits.commitOrThrow(nameAsBefore, person, { actorId: SYSTEM_ID })
}

/** To which organisation somebody belongs. It decides which SLA their tickets get, so nobody says it of themselves. */
import { implement } from '../../../core/api/implement.ts'
import { getPerson, mustAnywhere } from '../queries.ts'
import * as contract from '../contract/people.ts'

export const setOrganisation = implement(
  contract.setOrganisation,
  async ({ tx, actor, adjust, event }, { userId, organisation: to }) => {
    mustAnywhere(actor, 'user.set-rights')
    const { name } = getPerson(tx, userId)
    const person = tx.selectFrom('user').select('organisation').where('id', '=', userId)
    const { organisation: from } = await person.executeTakeFirstOrThrow()
    if (from === to) {
      adjust('already-done', `${name} already belongs to ${to ?? 'no organisation'}.`)
      return
    }
    await tx.updateTable('user').set({ organisation: to }).where('id', '=', userId).execute()
    await event({ subject: 'user', subjectId: userId, type: 'user-organisation-set', payload: { from, to } })
  },
)

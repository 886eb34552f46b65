/** Who may register of their own accord: an administrator's setting. Nobody, until one is made. */
import type { ParsedOf } from '@rejoin/shared/contract/operation.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { implement } from '../../../core/api/implement.ts'
import type { Read } from '../../../core/storage/db.ts'
import { changeSetting, findSetting } from '../../../core/settings.ts'
import type { PublicContext } from '../../../core/api/procedures.ts'
import { takingDepartments } from '../../departments/queries.ts'
import { mustAnywhere } from '../queries.ts'
import * as contract from '../contract/sign-up.ts'

const KEY = 'registration'

export const setRegistration = implement(contract.setRegistration, async (context, policy) => {
  mustAnywhere(context.actor, 'registration.set-policy')
  await changeSetting(context, KEY, policy)
})

async function policyOf(read: Read): Promise<contract.RegistrationPolicy> {
  return (
    (await findSetting(read, KEY, (json) => contract.RegistrationPolicy.parse(json))) ??
    contract.RegistrationPolicy.parse({ policy: 'closed' })
  )
}

/** What a form for registration has to know: the policy and, where anybody may come, the departments to choose from. */
export async function registrationForm({ read }: PublicContext, page: ParsedOf<typeof contract.registrationForm>) {
  const policy = await policyOf(read)
  return { ...policy, departments: policy.policy === 'closed' ? [] : await takingDepartments(read, page) }
}

/** Throws `Refusal('forbidden')`. The answer follows from the address alone, and not from whether it is known. */
export async function mustBeWelcome(read: Read, email: string): Promise<void> {
  const policy = await policyOf(read)
  if (policy.policy === 'closed') {
    throw new Refusal('forbidden', 'Registration is closed.', 'Ask an administrator for an invitation.')
  }
  if (policy.policy === 'open' || policy.domains.includes(email.split('@').at(-1)?.toLowerCase() ?? '')) return
  throw new Refusal(
    'forbidden',
    `email: only addresses at ${policy.domains.join(', ')} can register.`,
    'Use such an address, or ask an administrator for an invitation.',
  )
}

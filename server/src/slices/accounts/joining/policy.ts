/** Who may register of their own accord: an administrator's setting. Nobody, until one is made. */
import { z } from 'zod'
import { asciiDomain } from '@rejoin/shared/email.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { command } from '../../../core/command.ts'
import type { Read } from '../../../core/storage/db.ts'
import { changeSetting, findSetting } from '../../../core/settings.ts'
import type { PublicContext } from '../../../core/api/procedures.ts'
import { takingDepartments, type DepartmentPage } from '../../departments/queries.ts'
import { mustAnywhere } from '../queries.ts'

const Domain = z
  .string()
  .trim()
  .transform((written, context) => {
    const domain = asciiDomain(written)
    if (domain !== null) return domain
    context.addIssue({ code: 'custom', message: 'is not a domain such as example.com' })
    return z.NEVER
  })

/** `domain`: whoever has an address at one of `domains`, exactly. */
const RegistrationPolicy = z.discriminatedUnion('policy', [
  z.strictObject({ policy: z.literal('open') }),
  z.strictObject({ policy: z.literal('domain'), domains: z.array(Domain).min(1).max(100) }),
  z.strictObject({ policy: z.literal('closed') }),
])
type RegistrationPolicy = z.output<typeof RegistrationPolicy>

const KEY = 'registration'

export const setRegistration = command({
  name: 'registration.set-policy',
  input: RegistrationPolicy,
  async run(context, policy) {
    mustAnywhere(context.actor, 'registration.set-policy')
    await changeSetting(context, KEY, policy)
  },
})

async function policyOf(read: Read): Promise<RegistrationPolicy> {
  return (
    (await findSetting(read, KEY, (json) => RegistrationPolicy.parse(json))) ??
    RegistrationPolicy.parse({ policy: 'closed' })
  )
}

/** What a form for registration has to know: the policy and, where anybody may come, the departments to choose from. */
export async function registrationForm({ read }: PublicContext, page: z.output<typeof DepartmentPage>) {
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

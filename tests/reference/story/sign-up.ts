/** How people join: by an invitation, or of their own accord with the approval of somebody. */
import { PASSWORD, type Scene } from './scene.ts'

export async function invitations({ olga, anybody, office, support }: Scene): Promise<void> {
  const invited = { email: 'dan@example.com', role: 'agent', departments: [support] } as const
  await olga.invitations.create.mutate({ ...invited, departments: [support] })
  const { output } = await olga.invitations.create.mutate({ email: 'eve@example.com', role: 'requester' })
  await olga.invitations.list.query()
  await olga.invitations.revoke.mutate({ invitationId: output.invitationId })
  await office.deliver()
  const token = office.tokenFor('dan@example.com')
  await anybody.invitations.verify.query({ token })
  await anybody.invitations.accept.mutate({ token, name: 'Dan', password: PASSWORD })
}

export async function registration(scene: Scene): Promise<void> {
  const { olga, anybody, support } = scene
  await olga.accounts.setRegistration.mutate({ policy: 'domain', domains: ['example.com'] })
  await anybody.accounts.registrationForm.query()
  await olga.accounts.setRegistration.mutate({ policy: 'open' })
  await register(scene, { email: 'fay@example.com', departmentId: support, name: 'Fay' })
  await register(scene, { email: 'gus@example.com', departmentId: support, name: 'Gus' })
  const [fay, gus] = await olga.accounts.pending.query()
  await olga.accounts.approve.mutate({ userId: fay?.id ?? '' })
  await olga.accounts.reject.mutate({ userId: gus?.id ?? '', reason: 'Gus works at the other harbour.' })
}

interface Newcomer {
  readonly email: string
  readonly departmentId: string
  readonly name: string
}

async function register({ anybody, office }: Scene, { email, departmentId, name }: Newcomer): Promise<void> {
  await anybody.accounts.register.mutate({ email, role: 'agent', departmentId })
  await office.deliver()
  await anybody.invitations.accept.mutate({ token: office.tokenFor(email), name, password: PASSWORD })
}

/** Accounts: passwords, sessions, API tokens, and what an administrator does about people. */
import { hire, PASSWORD, signIn, withToken, type Scene } from './scene.ts'

export async function ownAccount(scene: Scene): Promise<void> {
  const { anybody, page, office } = scene
  const una = await hire(scene, 'Una', 'agent')
  await una.api.accounts.me.query()
  await una.api.accounts.editProfile.mutate({ locale: 'de-AT', zone: 'Europe/Vienna', phone: '+43 1 234567' })
  await page.accounts.logInByCookie.mutate({ email: 'una@example.com', password: PASSWORD, device: 'Una’s browser' })
  const sessions = await una.api.accounts.sessions.query()
  const other = sessions.find(({ isCurrent }) => !isCurrent)
  await una.api.accounts.revokeSession.mutate({ sessionId: other?.id ?? '' })
  await signIn(scene, 'Una')
  await una.api.accounts.revokeOtherSessions.mutate()
  const password = 'staple and a paper clip'
  const changed = await una.api.accounts.changePassword.mutate({ current: PASSWORD, password })
  await withToken(scene, changed.output).accounts.logOut.mutate()
  await anybody.accounts.requestPasswordReset.mutate({ email: 'una@example.com' })
  await office.deliver()
  const token = office.tokenFor('una@example.com')
  await anybody.accounts.verifyResetToken.query({ token })
  await anybody.accounts.resetPassword.mutate({ token, password: 'a third one, for good' })
  await scene.olga.accounts.revokeSessionsOf.mutate({ userId: una.id })
}

export async function apiTokens({ olga }: Scene): Promise<void> {
  const { apiTokens: tokens } = olga.accounts
  const scopes = ['ticket.read', 'comment.public'] as const
  const { output } = await tokens.create.mutate({ name: 'Wiki', scopes: [...scopes], days: 90, password: PASSWORD })
  await tokens.list.query()
  await tokens.revoke.mutate({ tokenId: output.id })
}

export async function otherPeople(scene: Scene): Promise<void> {
  const { olga, support, depot } = scene
  const csv = 'name,email,role,departments\r\nBea,bea@example.com,agent,Support\r\nCem,not an address,agent,\r\n'
  await olga.accounts.importPeople.mutate({ csv })
  const people = await olga.accounts.people.query({ role: 'agent' })
  const userId = people.find(({ name }) => name === 'Bea')?.id ?? ''
  await olga.accounts.createPasswordLink.mutate({ email: 'bea@example.com' })
  await olga.accounts.correct.mutate({ userId, name: 'Beate', email: 'beate@example.com' })
  await olga.accounts.setDepartments.mutate({ userId, departments: [support, depot] })
  await olga.accounts.setOrganisation.mutate({ userId, organisation: 'Harbour Ltd' })
  await olga.accounts.exportPeople.mutate()
  const { roles } = olga.accounts
  const grants = { 'ticket.assign': ['department' as const] }
  const { output } = await roles.create.mutate({ name: 'Dispatcher', base: 'agent', grants })
  const { customRoleId } = output
  await olga.accounts.setRole.mutate({ userId, customRoleId })
  await roles.list.query()
  await roles.edit.mutate({ customRoleId, name: 'Front desk' })
  await olga.accounts.setRole.mutate({ userId, role: 'supervisor' })
  await roles.remove.mutate({ customRoleId })
  await olga.accounts.setHead.mutate({ departmentId: support, userId, isHead: true })
  await olga.accounts.disable.mutate({ userId })
  await olga.accounts.enable.mutate({ userId })
}

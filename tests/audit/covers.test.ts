/** Every action that needs rights leaves a row of the audit log: each action, and the row that it leaves. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import type { Api } from '@rejoin/client-sdk/api.ts'
import { account } from '../access/callers.ts'
import { newcomer } from '../access/anywhere.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, type World } from '../harness/world.ts'

interface Scene {
  readonly world: World
  readonly api: Api
  readonly userId: string
  readonly credentials: { readonly email: string; readonly password: string }
}

type Action = (scene: Scene) => Promise<unknown>

const logIn = ({ world, credentials }: Scene) => connectApi(world.url).accounts.logIn.mutate(credentials)
const aRole = async ({ api }: Scene) =>
  (await api.accounts.roles.create.mutate({ name: v7(), base: 'agent', grants: {} })).output
const aToken = async (scene: Scene) => {
  const { accounts } = connectApi(scene.world.url, (await logIn(scene)).output.token)
  const wish = { name: 'Wiki', scopes: ['ticket.read' as const], days: 1, password: scene.credentials.password }
  return { accounts, tokenId: (await accounts.apiTokens.create.mutate(wish)).output.id }
}
const aDepartment = async ({ api }: Scene) => (await api.departments.create.mutate({ name: v7() })).output
const anInvitation = async ({ api }: Scene) =>
  (await api.invitations.create.mutate({ email: `${v7()}@example.com`, role: 'agent' })).output
const aNewcomer = async ({ world }: Scene) => ({
  userId: await newcomer(world, { role: 'agent', departments: [await world.department('support')] }),
})

const ACTIONS: Readonly<Record<string, readonly [string, Action]>> = {
  'a sign-in': ['session-started', logIn],
  'a sign-in that fails': [
    'sign-in-failed',
    async ({ world, credentials }) =>
      codeOf(connectApi(world.url).accounts.logIn.mutate({ ...credentials, password: 'not the password' })),
  ],
  'the end of sessions': [
    'session-ended',
    async (scene) => {
      await logIn(scene)
      await scene.api.accounts.revokeSessionsOf.mutate({ userId: scene.userId })
    },
  ],
  'a new person': ['user-created', async ({ world }) => account(world, 'agent')],
  'a new role': [
    'user-rights-changed',
    ({ api, userId }) => api.accounts.setRole.mutate({ userId, role: 'supervisor' }),
  ],
  'other departments': [
    'user-rights-changed',
    async ({ api, userId, world }) =>
      api.accounts.setDepartments.mutate({ userId, departments: [await world.department('lab')] }),
  ],
  'another organisation': [
    'user-organisation-set',
    ({ api, userId }) => api.accounts.setOrganisation.mutate({ userId, organisation: 'Acme' }),
  ],
  'a head': [
    'department-head-set',
    async ({ api, world }) => {
      const { id } = await world.person('sue', 'supervisor')
      const departmentId = await world.department('support')
      await api.accounts.setHead.mutate({ userId: id, departmentId, isHead: true })
    },
  ],
  'a custom role': ['role-created', aRole],
  'another custom role': [
    'role-edited',
    async (scene) => scene.api.accounts.roles.edit.mutate({ ...(await aRole(scene)), name: 'Other' }),
  ],
  'the removal of a custom role': [
    'role-removed',
    async (scene) => scene.api.accounts.roles.remove.mutate(await aRole(scene)),
  ],
  'an account out of use': ['user-disabled', ({ api, userId }) => api.accounts.disable.mutate({ userId })],
  'an account in use again': [
    'user-enabled',
    async ({ api, userId }) => {
      await api.accounts.disable.mutate({ userId })
      await api.accounts.enable.mutate({ userId })
    },
  ],
  'an approval': ['user-approved', async (scene) => scene.api.accounts.approve.mutate(await aNewcomer(scene))],
  'a rejection': ['user-rejected', async (scene) => scene.api.accounts.reject.mutate(await aNewcomer(scene))],
  'an invitation': ['invitation-sent', anInvitation],
  'an invitation taken back': [
    'invitation-revoked',
    async (scene) => {
      const { invitationId } = await anInvitation(scene)
      await scene.api.invitations.revoke.mutate({ invitationId })
    },
  ],
  'an export of people': ['people-exported', ({ api }) => api.accounts.exportPeople.mutate()],
  'an import of people': ['people-imported', ({ api }) => api.accounts.importPeople.mutate({ csv: 'name,email,role' })],
  'who may register': ['setting-changed', ({ api }) => api.accounts.setRegistration.mutate({ policy: 'open' })],
  'a rule about second steps': [
    'second-step-rule-set',
    ({ api }) => api.accounts.mfa.require.mutate({ role: 'agent', graceDays: 9 }),
  ],
  'a second step taken away': ['second-step-removed', ({ api, userId }) => api.accounts.mfa.reset.mutate({ userId })],
  'an API token': ['api-token-created', aToken],
  'an API token taken back': [
    'api-token-revoked',
    async (scene) => {
      const { accounts, tokenId } = await aToken(scene)
      await accounts.apiTokens.revoke.mutate({ tokenId })
    },
  ],
  'a department': ['department-created', ({ api }) => api.departments.create.mutate({ name: 'Lab' })],
  'another name of a department': [
    'department-renamed',
    async (scene) => scene.api.departments.rename.mutate({ ...(await aDepartment(scene)), name: 'Other' }),
  ],
  'a department out of use': [
    'department-disabled',
    async (scene) => scene.api.departments.disable.mutate(await aDepartment(scene)),
  ],
  'a department in use again': [
    'department-enabled',
    async (scene) => {
      const department = await aDepartment(scene)
      await scene.api.departments.disable.mutate(department)
      await scene.api.departments.enable.mutate(department)
    },
  ],
  'a corrected name': ['user-edited', ({ api, userId }) => api.accounts.correct.mutate({ userId, name: 'Other' })],
  'a password link for somebody': [
    'password-reset-handed-out',
    ({ api, credentials: { email } }) => api.accounts.createPasswordLink.mutate({ email }),
  ],
  'where tickets without a department go': [
    'setting-changed',
    ({ api }) => api.workspace.edit.mutate({ name: 'W', zone: 'UTC', defaultDepartmentId: null }),
  ],
  'a device revoked': [
    'device-revoked',
    async ({ world, api }) => {
      const { id } = await world.device(await world.person('ada', 'agent'))
      await api.devices.revoke.mutate({ deviceId: id })
    },
  ],
}

it.each(Object.keys(ACTIONS))('keeps %s', async (name) => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const credentials = await account(world, 'agent', [await world.department('support')])
  const [type, action] = ACTIONS[name] ?? ['', async () => {}]
  const rows = async () => (await api.audit.list.query({ type, limit: 200 })).entries.length
  const before = await rows()
  await action({ world, api, userId: credentials.id, credentials })
  expect(await rows()).toBeGreaterThan(before)
})

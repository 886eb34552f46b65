/** Each row of the table about no particular ticket, as the call that asks for it. */
import { v7 } from 'uuid'
import { z } from 'zod'
import { addPerson } from '@rejoin/server/slices/accounts/people/add.ts'
import { hashToken } from '@rejoin/server/slices/accounts/tokens.ts'
import { command } from '@rejoin/server/core/command.ts'
import { SYSTEM_ID } from '@rejoin/server/core/ids.ts'
import type { Role } from '@rejoin/shared/access/access.ts'
import type { World } from '../harness/world.ts'
import type { Input } from './doors.ts'
import type { Stage } from './stage.ts'
import { SLA_CALLS } from './sla.ts'
import type { ANYWHERE } from './table.ts'

export interface Call {
  readonly procedure: string
  readonly input?: (stage: Stage, role: Role) => Input | Promise<Input>
  /** What may be answered to somebody who has the right, as this input goes no further. */
  readonly beyondRights?: string | readonly string[]
}

const toOther = ({ other }: Stage) => ({ userId: other.id })
const someMail = () => ({ mailIds: [v7()] })
const WRONG_PASSWORD = 'none that anybody has'

export const ANYWHERE_CALLS: Readonly<Record<keyof typeof ANYWHERE, Call>> = {
  'open a ticket': { procedure: 'tickets.create', input: () => ({ ticketId: v7(), title: 'A' }) },
  'open a ticket for others': {
    procedure: 'tickets.create',
    input: ({ other }) => ({ ticketId: v7(), title: 'A', requesterId: other.id }),
  },
  'list people': { procedure: 'accounts.people' },
  'add a person': {
    procedure: 'accounts.createUser',
    input: () => ({ name: 'New', email: `${v7()}@example.com`, role: 'admin' }),
  },
  'take people in': {
    procedure: 'accounts.importPeople',
    input: () => ({ csv: `name,email,role\nNew,${v7()}@example.com,agent` }),
  },
  'write everybody down': { procedure: 'accounts.exportPeople' },
  'correct the name of another': {
    procedure: 'accounts.correct',
    input: (stage) => ({ ...toOther(stage), name: v7() }),
  },
  'make a password link for another': { procedure: 'accounts.createPasswordLink', input: aNewAccount },
  'change what somebody may do': {
    procedure: 'accounts.setRole',
    input: (stage) => ({ ...toOther(stage), role: 'agent' }),
  },
  'change the departments of somebody of one’s own': {
    procedure: 'accounts.setDepartments',
    input: async (stage) => ({ userId: await aColleague(stage), departments: [] }),
  },
  'change the departments of somebody else': {
    procedure: 'accounts.setDepartments',
    input: ({ stranger, away, home }) => ({ userId: stranger.id, departments: [away, home] }),
  },
  'put somebody of one’s own into another department': {
    procedure: 'accounts.setDepartments',
    input: async (stage) => ({ userId: await aColleague(stage), departments: [stage.home, stage.away] }),
  },
  'say of which organisation somebody is': {
    procedure: 'accounts.setOrganisation',
    input: (stage) => ({ ...toOther(stage), organisation: v7() }),
  },
  'say of which organisation one is oneself': {
    procedure: 'accounts.setOrganisation',
    input: ({ people }, role) => ({ userId: people[role].id, organisation: v7() }),
  },
  'see the custom roles': { procedure: 'accounts.roles.list' },
  'make a custom role': {
    procedure: 'accounts.roles.create',
    input: () => ({ name: v7(), base: 'agent', grants: { 'ticket.assign': ['department'] } }),
  },
  'change a custom role': {
    procedure: 'accounts.roles.edit',
    input: async (stage) => ({ ...(await aRole(stage)), grants: {} }),
  },
  'remove a custom role': { procedure: 'accounts.roles.remove', input: aRole },
  'give a custom role': {
    procedure: 'accounts.setRole',
    input: async (stage) => ({ ...toOther(stage), ...(await aRole(stage)) }),
  },
  'disable an account': { procedure: 'accounts.disable', input: toOther },
  'enable an account': { procedure: 'accounts.enable', input: toOther },
  'invite somebody into one’s department': {
    procedure: 'invitations.create',
    input: ({ home }) => invitation('agent', [home]),
  },
  'invite somebody into another department': {
    procedure: 'invitations.create',
    input: ({ away }) => invitation('agent', [away]),
  },
  'invite an administrator': { procedure: 'invitations.create', input: () => invitation('admin', []) },
  'see the open invitations': { procedure: 'invitations.list' },
  'take an invitation back': {
    procedure: 'invitations.revoke',
    input: async ({ world, home }) => {
      const { api } = await world.desk()
      const { output } = await api.invitations.create.mutate({ ...invitation('agent', [home]) })
      return { invitationId: output.invitationId }
    },
  },
  'see who waits for approval': { procedure: 'accounts.pending' },
  'let a newcomer in': { procedure: 'accounts.approve', input: aNewcomer },
  'turn a newcomer away': { procedure: 'accounts.reject', input: aNewcomer },
  'say who may register': { procedure: 'accounts.setRegistration', input: () => ({ policy: 'closed' }) },
  'name a head': {
    procedure: 'accounts.setHead',
    input: ({ people, home }) => ({ userId: people.supervisor.id, departmentId: home, isHead: true }),
  },
  'edit the own profile': { procedure: 'accounts.editProfile', input: () => ({ locale: 'de' }) },
  'read the own account': { procedure: 'accounts.me' },
  'see the own sessions': { procedure: 'accounts.sessions' },
  'see the sessions of others': { procedure: 'accounts.sessions', input: toOther },
  'end the sessions of others': { procedure: 'accounts.revokeSessionsOf', input: toOther },
  'end the session of another': {
    procedure: 'accounts.revokeSession',
    input: async ({ world, other }) => ({ sessionId: hashToken(await world.newToken(other.id)) }),
  },
  'end one’s own other sessions': { procedure: 'accounts.revokeOtherSessions' },
  'change the own password': {
    procedure: 'accounts.changePassword',
    input: () => ({ current: WRONG_PASSWORD, password: 'quite another one' }),
    beyondRights: 'wrong-credentials',
  },
  'log out': { procedure: 'accounts.logOut' },
  'ask about the own second step': { procedure: 'accounts.mfa.status' },
  'begin a second step': {
    procedure: 'accounts.mfa.begin',
    input: () => ({ password: WRONG_PASSWORD }),
    beyondRights: ['wrong-credentials', 'conflict'],
  },
  'confirm a second step': { procedure: 'accounts.mfa.confirm', input: aCode, beyondRights: 'conflict' },
  'disable the own second step': { procedure: 'accounts.mfa.disable', input: aCode, beyondRights: 'wrong-credentials' },
  'renew the own recovery codes': {
    procedure: 'accounts.mfa.renewRecoveryCodes',
    input: aCode,
    beyondRights: 'wrong-credentials',
  },
  'require a second step of a role': {
    procedure: 'accounts.mfa.require',
    input: () => ({ role: 'requester', graceDays: 365 }),
  },
  'take away a second step': { procedure: 'accounts.mfa.reset', input: toOther },
  'make an API token': {
    procedure: 'accounts.apiTokens.create',
    input: () => ({ name: 'Wiki', scopes: ['ticket.read'], days: 1, password: WRONG_PASSWORD }),
    beyondRights: 'wrong-credentials',
  },
  'list the API tokens of another': { procedure: 'accounts.apiTokens.list', input: toOther },
  'revoke the API token of another': {
    procedure: 'accounts.apiTokens.revoke',
    input: () => ({ tokenId: hashToken('of nobody') }),
    beyondRights: 'not-found',
  },
  'add a department': { procedure: 'departments.create', input: () => ({ name: v7() }) },
  'rename a department': {
    procedure: 'departments.rename',
    input: async (stage) => ({ departmentId: await aDepartment(stage), name: v7() }),
  },
  'disable a department': {
    procedure: 'departments.disable',
    input: async (stage) => ({ departmentId: await aDepartment(stage) }),
  },
  'enable a department': {
    procedure: 'departments.enable',
    input: async (stage) => ({ departmentId: await aDepartment(stage) }),
  },
  'list departments': { procedure: 'departments.list' },
  'list one’s own devices': { procedure: 'devices.list' },
  'list the devices of another': { procedure: 'devices.list', input: ({ colleague }) => ({ userId: colleague.id }) },
  'name the device of another': {
    procedure: 'devices.rename',
    input: async (stage) => ({ ...(await aDevice(stage)), name: 'Van 7' }),
  },
  'revoke the device of another': { procedure: 'devices.revoke', input: aDevice },
  'read what came back after a restore': { procedure: 'sync.recoveries' },
  'take back parked work of one’s own': {
    procedure: 'parked.withdraw',
    input: () => ({ commandId: v7() }),
    beyondRights: 'not-found',
  },
  'list one’s own notifications': { procedure: 'notifications.list' },
  'mark one’s own notifications': {
    procedure: 'notifications.markRead',
    input: () => ({ notificationIds: [v7()] }),
  },
  'see mail that failed': { procedure: 'mail.failed' },
  'see mail that waits': { procedure: 'mail.waiting' },
  'retry mail': { procedure: 'mail.retry', input: someMail },
  'discard mail': { procedure: 'mail.discard', input: someMail },
  'send oneself a letter to test mail': { procedure: 'mail.sendTest', beyondRights: 'conflict' },
  'read what the workspace is called': { procedure: 'workspace.get' },
  'say what the workspace is called': {
    procedure: 'workspace.edit',
    input: () => ({ name: 'Help', zone: 'Europe/Zurich' }),
  },
  'fill the workspace with a demo': { procedure: 'demo.fill', beyondRights: 'conflict' },
  'read the audit log': { procedure: 'audit.list' },
  ...SLA_CALLS,
}

function invitation(role: Role, departments: readonly string[]) {
  return { email: `${v7()}@example.com`, role, departments: [...departments] }
}

function aCode() {
  return { code: '000000' }
}

async function aDevice({ world, colleague }: Stage) {
  const { id } = await world.device(colleague)
  return { deviceId: id }
}

/** An agent of everybody's department. */
async function aColleague({ world }: Stage): Promise<string> {
  return (await world.person(v7(), 'agent')).id
}

async function aNewAccount({ world }: Stage) {
  const email = `${v7()}@example.com`
  const { api } = await world.desk()
  await api.accounts.createUser.mutate({ name: 'New', email, role: 'agent' })
  return { email }
}

/** In which nobody is, and where no tickets go by themselves. */
async function aDepartment({ world }: Stage): Promise<string> {
  const { api } = await world.desk()
  return (await api.departments.create.mutate({ name: v7() })).output.departmentId
}

async function aRole({ world }: Stage) {
  const { api } = await world.desk()
  const grants = { 'ticket.assign': ['department' as const] }
  const { output } = await api.accounts.roles.create.mutate({ name: v7(), base: 'agent', grants })
  return { customRoleId: output.customRoleId }
}

async function aNewcomer({ world, home }: Stage) {
  return { userId: await newcomer(world, { role: 'agent', departments: [home] }) }
}

/** Somebody who registered and waits to be let in. */
export async function newcomer(world: World, place: { role: Role; departments: string[] }): Promise<string> {
  const person = { name: 'Newcomer', email: `${v7()}@example.com`, ...place }
  const { output } = await world.app.commits.commitOrThrow(addNewcomer, person, { actorId: SYSTEM_ID })
  return output
}

const addNewcomer = command({
  name: 'harness.add-newcomer',
  input: z.object({ name: z.string(), email: z.string(), role: z.custom<Role>(), departments: z.array(z.string()) }),
  run: (context, person) => addPerson(context, { ...person, status: 'pending' }),
})

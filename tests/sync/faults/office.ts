/** The people of a run and their first rights, written into a fresh data directory. */
import { z } from 'zod'
import { createUser } from '@rejoin/server/slices/accounts/commands.ts'
import { createRole } from '@rejoin/server/slices/accounts/roles/commands.ts'
import { startSession } from '@rejoin/server/slices/accounts/sessions.ts'
import { openApp } from '@rejoin/server/app.ts'
import { command } from '@rejoin/server/core/command.ts'
import { SYSTEM_ID } from '@rejoin/server/core/ids.ts'
import { createDepartment } from '@rejoin/server/slices/departments/commands.ts'
import { editPolicy } from '@rejoin/server/slices/sla/policies/commands.ts'
import { DEFAULT_LEVELS } from '@rejoin/server/slices/sla/engine/policy.ts'
import { DEFAULT_POLICY } from '@rejoin/server/slices/sla/engine/terms.ts'
import type { Role } from '@rejoin/shared/access/access.ts'
import { testConfig } from '../../harness/config.ts'

export interface Member {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly departments: readonly string[]
  readonly token: string
}

export interface Office {
  readonly departments: readonly string[]
  readonly members: readonly Member[]
  /** A custom role: an agent who carries and assigns the tickets of their departments. */
  readonly leadRoleId: string
}

export type Staff = readonly (readonly [name: string, role: Role, departments: readonly number[]])[]

const STAFF: Staff = [
  ['ada', 'agent', [0]],
  ['bob', 'agent', [0]],
  ['cem', 'agent', [0, 1]],
  ['sue', 'supervisor', [0, 1]],
  ['office', 'admin', []],
  ['tim', 'supervisor', [1]],
  ['rob', 'requester', []],
  ['ria', 'requester', []],
]

const SEEING = ['assigned', 'watched', 'department']
const LEAD = {
  'ticket.read': ['own', ...SEEING],
  'ticket.read-internal': SEEING,
  'ticket.replicate': SEEING,
  'ticket.assign': ['department'],
}

const as = { actorId: SYSTEM_ID }

/** Signs somebody in without the time that a password hash takes. */
const signIn = command({
  name: 'harness.sign-in',
  input: z.object({ userId: z.string() }),
  run: (context, { userId }) => startSession(context, userId),
})

/** With a `webhookUrl`, it is called early in the time that a ticket has. */
export async function foundOffice(
  dataDir: string,
  now: () => number,
  { staff = STAFF, webhookUrl = null }: { staff?: Staff; webhookUrl?: string | null } = {},
): Promise<Office> {
  const { commits, close } = await openApp(testConfig(dataDir), { now })
  const departments: string[] = []
  for (const name of ['support', 'field']) {
    const { output } = await commits.commitOrThrow(createDepartment, { name }, as)
    departments.push(output.departmentId)
  }
  const members: Member[] = []
  for (const [name, role, memberOf] of staff) {
    const own = departments.filter((_, index) => memberOf.includes(index))
    const user = { name, role, email: `${name}@example.com`, departments: own }
    const { output } = await commits.commitOrThrow(createUser, user, as)
    const session = await commits.commitOrThrow(signIn, { userId: output.userId }, as)
    members.push({ id: output.userId, name, role, departments: own, token: session.output.token })
  }
  const role = { name: 'Lead', base: 'agent', grants: LEAD }
  const { output } = await commits.commitOrThrow(createRole, role, as)
  if (webhookUrl !== null) {
    const levels = [{ percent: 1, notify: [{ webhook: webhookUrl }] }, ...DEFAULT_LEVELS]
    const edit = { policyId: 'default', value: { ...DEFAULT_POLICY, levels }, applyTo: 'new' }
    await commits.commitOrThrow(editPolicy, edit, as)
  }
  await close()
  return { departments, members, leadRoleId: output.customRoleId }
}

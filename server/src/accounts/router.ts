import { z } from 'zod'
import { Role } from '@rejoin/shared/access.ts'
import { Id } from '@rejoin/shared/tickets.ts'
import { cookieMutation, mutation, publicMutation, publicQuery, query, renewal, router } from '../core/trpc.ts'
import { createUser, logIn } from './commands.ts'
import { disableUser, enableUser } from './disabling.ts'
import { OWN_PASSWORD, RESET, SIGN_IN } from './guards.ts'
import { changePassword } from './passwords/change.ts'
import { requestReset, resetPassword, verifyResetToken } from './passwords/reset.ts'
import { mfa } from './mfa/router.ts'
import { me, people } from './queries.ts'
import { setDepartments, setRole } from './rights.ts'
import { logOut, revokeOtherSessions, revokeSession, revokeSessionsOf } from './sessions/commands.ts'
import { sessionsOf } from './sessions/queries.ts'
import { setUp } from './setup.ts'
import { Token } from './tokens.ts'

export const accounts = router({
  setUp: publicMutation(setUp),
  logIn: publicMutation(logIn, SIGN_IN),
  /** For pages: the token goes into a cookie that no script can read. */
  logInByCookie: cookieMutation(logIn, SIGN_IN),
  logOut: renewal(logOut),
  sessions: query(z.object({ userId: z.string().optional() }).default({}), sessionsOf),
  revokeSession: mutation(revokeSession),
  revokeOtherSessions: mutation(revokeOtherSessions),
  revokeSessionsOf: mutation(revokeSessionsOf),
  changePassword: renewal(changePassword, OWN_PASSWORD),
  requestPasswordReset: publicMutation(requestReset, RESET),
  verifyResetToken: publicQuery(z.object({ token: Token }), verifyResetToken),
  resetPassword: publicMutation(resetPassword),
  mfa,
  me: query(z.void(), me),
  people: query(z.object({ role: Role.optional(), departmentId: Id.optional() }).default({}), people),
  createUser: mutation(createUser),
  setRole: mutation(setRole),
  setDepartments: mutation(setDepartments),
  disable: mutation(disableUser),
  enable: mutation(enableUser),
})

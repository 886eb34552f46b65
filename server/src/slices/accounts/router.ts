import { z } from 'zod'
import {
  cookieMutation,
  mutation,
  publicMutation,
  publicQuery,
  query,
  renewal,
  router,
  unrecorded,
} from '../../core/api/procedures.ts'
import { apiTokens } from './api-tokens/router.ts'
import { createUser, logIn } from './commands.ts'
import { DepartmentPage } from '../departments/queries.ts'
import { disableUser, enableUser } from './disabling.ts'
import { revokeSessionsOf } from './end-access.ts'
import { OWN_PASSWORD, REGISTRATION, RESET, SIGN_IN } from './guards.ts'
import { mfa } from './mfa/router.ts'
import { inviteUser, revokeInvitation } from './invitations/invite.ts'
import { join, verifyInvitation } from './joining/join.ts'
import { registrationForm, setRegistration } from './joining/policy.ts'
import { openInvitations } from './invitations/queries.ts'
import { register } from './joining/registration.ts'
import { changePassword } from './passwords/change.ts'
import { handOutReset, requestReset, resetPassword, verifyResetToken } from './passwords/reset.ts'
import { approveUser, rejectUser } from './people/approval.ts'
import { correctPerson } from './people/correct.ts'
import { setDepartments } from './people/departments.ts'
import { setHead } from './people/headship.ts'
import { setOrganisation } from './people/organisation.ts'
import { editProfile } from './people/profile.ts'
import { ByAge } from './by-age.ts'
import { pendingPeople } from './people/queries.ts'
import { exportPeople, importPeople } from './people/take-in.ts'
import { me, people, PeopleFilter } from './queries.ts'
import { setRole } from './roles/give.ts'
import { roles } from './roles/router.ts'
import { logOut, revokeOtherSessions, revokeSession } from './sessions/commands.ts'
import { SessionPage, sessionsOf } from './sessions/queries.ts'
import { setUp } from './setup.ts'
import { Token } from './tokens.ts'

export const accounts = router({
  setUp: publicMutation(setUp),
  logIn: publicMutation(logIn, SIGN_IN),
  /** For pages: the token goes into a cookie that no script can read. */
  logInByCookie: cookieMutation(logIn, SIGN_IN),
  logOut: renewal(logOut),
  sessions: query(SessionPage, sessionsOf),
  revokeSession: mutation(revokeSession),
  revokeOtherSessions: mutation(revokeOtherSessions),
  revokeSessionsOf: mutation(revokeSessionsOf),
  changePassword: renewal(changePassword, OWN_PASSWORD),
  requestPasswordReset: publicMutation(requestReset, RESET),
  verifyResetToken: publicQuery(z.strictObject({ token: Token }), verifyResetToken),
  resetPassword: publicMutation(resetPassword),
  mfa,
  apiTokens,
  roles,
  editProfile: mutation(editProfile),
  registrationForm: publicQuery(DepartmentPage, registrationForm),
  setRegistration: mutation(setRegistration),
  register: publicMutation(register, REGISTRATION),
  pending: query(ByAge, pendingPeople),
  approve: mutation(approveUser),
  reject: mutation(rejectUser),
  setHead: mutation(setHead),
  me: query(z.void(), me),
  people: query(PeopleFilter, people),
  createUser: mutation(createUser),
  createPasswordLink: unrecorded(handOutReset),
  correct: mutation(correctPerson),
  importPeople: unrecorded(importPeople),
  exportPeople: unrecorded(exportPeople),
  setRole: mutation(setRole),
  setDepartments: mutation(setDepartments),
  setOrganisation: mutation(setOrganisation),
  disable: mutation(disableUser),
  enable: mutation(enableUser),
})

/** Who is asked in, by a link. */
export const invitations = router({
  create: unrecorded(inviteUser),
  list: query(ByAge, openInvitations),
  revoke: mutation(revokeInvitation),
  verify: publicQuery(z.strictObject({ token: Token }), verifyInvitation),
  accept: publicMutation(join),
})

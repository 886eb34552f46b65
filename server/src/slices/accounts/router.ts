/** The API of accounts, and of invitations. */
import { answer, answerAnybody, byCookie } from '../../core/api/implement.ts'
import { router } from '../../core/api/procedures.ts'
import { proceduresOf } from '../../core/api/router-of.ts'
import { apiTokens } from './api-tokens/router.ts'
import { createUser, logIn } from './commands.ts'
import * as contract from './contract/accounts.ts'
import { disableUser, enableUser } from './disabling.ts'
import { revokeSessionsOf } from './end-access.ts'
import * as invitationContract from './contract/invitations.ts'
import * as signUp from './contract/sign-up.ts'
import { inviteUser, revokeInvitation } from './invitations/invite.ts'
import { acceptInvitation, verifyInvitation } from './sign-up/accept-invitation.ts'
import { registrationForm, setRegistration } from './sign-up/policy.ts'
import { openInvitations } from './invitations/queries.ts'
import { register } from './sign-up/registration.ts'
import { mfa } from './mfa/router.ts'
import { changePassword } from './passwords/change.ts'
import * as passwords from './contract/passwords.ts'
import { handOutReset, requestReset, resetPassword, verifyResetToken } from './passwords/reset.ts'
import { approveUser, rejectUser } from './people/approval.ts'
import { pending } from './contract/people.ts'
import { correctPerson } from './people/correct.ts'
import { setDepartments } from './people/departments.ts'
import { setHead } from './people/headship.ts'
import { setOrganisation } from './people/organisation.ts'
import { editProfile } from './people/profile.ts'
import { pendingPeople } from './people/queries.ts'
import { exportPeople, importPeople } from './people/import-export.ts'
import { me, people } from './queries.ts'
import { setRole } from './roles/give.ts'
import { roles } from './roles/router.ts'
import { logOut, revokeOtherSessions, revokeSession } from './sessions/commands.ts'
import { sessions } from './contract/sessions.ts'
import { sessionsOf } from './sessions/queries.ts'
import { setUp } from './setup.ts'

export const accounts = router({
  ...proceduresOf({
    setUp,
    logIn,
    logInByCookie: byCookie(logIn),
    logOut,
    sessions: answer(sessions, sessionsOf),
    revokeSession,
    revokeOtherSessions,
    revokeSessionsOf,
    changePassword,
    requestPasswordReset: requestReset,
    verifyResetToken: answerAnybody(passwords.verifyResetToken, verifyResetToken),
    resetPassword,
    editProfile,
    registrationForm: answerAnybody(signUp.registrationForm, registrationForm),
    setRegistration,
    register,
    pending: answer(pending, pendingPeople),
    approve: approveUser,
    reject: rejectUser,
    setHead,
    me: answer(contract.me, me),
    people: answer(contract.people, people),
    createUser,
    createPasswordLink: handOutReset,
    correct: correctPerson,
    importPeople,
    exportPeople,
    setRole,
    setDepartments,
    setOrganisation,
    disable: disableUser,
    enable: enableUser,
  }),
  mfa,
  apiTokens,
  roles,
})

/** Who is asked in, by a link. */
export const invitations = router(
  proceduresOf({
    create: inviteUser,
    list: answer(invitationContract.list, openInvitations),
    revoke: revokeInvitation,
    verify: answerAnybody(invitationContract.verify, verifyInvitation),
    accept: acceptInvitation,
  }),
)

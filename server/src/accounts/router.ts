import { z } from 'zod'
import { Role } from '@rejoin/shared/access.ts'
import { Id } from '@rejoin/shared/tickets.ts'
import { endOwnSession, mutation, publicMutation, query, router } from '../core/trpc.ts'
import { createUser, logIn } from './commands.ts'
import { disableUser, enableUser } from './disabling.ts'
import { me, people } from './queries.ts'
import { setDepartments, setRole } from './rights.ts'
import { endSession } from './sessions.ts'
import { setUp } from './setup.ts'

export const accounts = router({
  setUp: publicMutation(setUp),
  logIn: publicMutation(logIn),
  logOut: endOwnSession(endSession),
  me: query(z.void(), me),
  people: query(z.object({ role: Role.optional(), departmentId: Id.optional() }).default({}), people),
  createUser: mutation(createUser),
  setRole: mutation(setRole),
  setDepartments: mutation(setDepartments),
  disable: mutation(disableUser),
  enable: mutation(enableUser),
})

/** The people of the story and how they reach the server. */
import { offerSetup } from '@rejoin/server/slices/accounts/setup.ts'
import type { Api } from '@rejoin/client-sdk/api.ts'
import type { Role } from '@rejoin/shared/access/access.ts'
import type { MailedWorld } from '../../harness/mailed-world.ts'
import type { Person } from '../../harness/world.ts'
import type { Recorder } from '../recorder.ts'

export const PASSWORD = 'correct horse battery'

export interface Scene {
  readonly office: MailedWorld
  readonly recorder: Recorder
  /** The API as nobody, and as a page of this server as nobody. */
  readonly anybody: Api
  readonly page: Api
  readonly olga: Api
  readonly support: string
  readonly depot: string
}

/** From the link that the server printed to a workspace with two departments. */
export async function begin(office: MailedWorld, recorder: Recorder): Promise<Scene> {
  const { world } = office
  const anybody = recorder.api(world)
  const token = (await offerSetup(world.app)) ?? ''
  const account = { name: 'Olga', email: 'olga@example.com', password: PASSWORD }
  const { output } = await anybody.accounts.setUp.mutate({ ...account, token })
  const olga = recorder.api(world, output.token)
  const support = (await olga.departments.create.mutate({ name: 'Support' })).output.departmentId
  const depot = (await olga.departments.create.mutate({ name: 'Store' })).output.departmentId
  await olga.departments.rename.mutate({ departmentId: depot, name: 'Depot' })
  await olga.workspace.edit.mutate({ name: 'Harbour help desk', zone: 'Europe/Zurich', defaultDepartmentId: support })
  await olga.workspace.get.query()
  await olga.departments.disable.mutate({ departmentId: depot })
  await olga.departments.enable.mutate({ departmentId: depot })
  await olga.departments.list.query()
  const page = recorder.api(world, undefined, { origin: 'https://help.example.com' })
  return { office, recorder, anybody, page, olga, support, depot }
}

const emailOf = (name: string) => `${name.toLowerCase()}@example.com`

/** Somebody with a password, signed in. */
export async function hire(scene: Scene, name: string, role: Role): Promise<Person> {
  const departments = role === 'requester' ? [] : [scene.support]
  const account = { name, email: emailOf(name), password: PASSWORD }
  const { output } = await scene.olga.accounts.createUser.mutate({ ...account, role, departments })
  const { token } = (await signIn(scene, name)).output
  return { id: output.userId, name, role, token, api: scene.recorder.api(scene.office.world, token) }
}

export function signIn({ anybody }: Scene, name: string, password = PASSWORD) {
  return anybody.accounts.logIn.mutate({ email: emailOf(name), password, device: `${name}’s laptop` })
}

/** The API by the token of an answer, which a page would keep in its cookie. */
export function withToken({ recorder, office }: Scene, { token }: { readonly token: string | null }): Api {
  return recorder.api(office.world, token ?? undefined)
}

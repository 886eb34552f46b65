/** People of a fresh server process, made through its API as its first administrator would. */
import { connectApi } from '@rejoin/client-sdk/api.ts'
import type { Role } from '@rejoin/shared/access/access.ts'
import type { ServerProcess } from './server-process.ts'

const PASSWORD = 'ten characters or more'

export interface Member {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly token: string
}

/** The person by whose API everything else is set up, and a department for those that `hire` adds. */
export async function setUpOffice(server: Pick<ServerProcess, 'url' | 'says'>) {
  const { url } = server
  const token = /"token":"([^"]+)"/.exec(await server.says('"password"'))?.[1] ?? ''
  const admin = { name: 'office', email: 'office@example.com', password: PASSWORD }
  const { output } = await connectApi(url).accounts.setUp.mutate({ ...admin, token })
  const api = connectApi(url, output.token)
  const department = await api.departments.create.mutate({ name: 'Support' })
  const { departmentId } = department.output

  async function hire(name: string, role: Role): Promise<Member> {
    const email = `${name}@example.com`
    const departments = role === 'requester' ? [] : [departmentId]
    const made = await api.accounts.createUser.mutate({ name, role, email, password: PASSWORD, departments })
    const session = await connectApi(url).accounts.logIn.mutate({ email, password: PASSWORD })
    return { id: made.output.userId, name, role, token: session.output.token }
  }

  return { api, token: output.token, departmentId, hire }
}

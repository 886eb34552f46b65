/** People and departments of a fresh server, made through its API as an administrator would. */
import { connectApi, type Api } from '@rejoin/client-sdk/api.ts'
import type { Role } from '@rejoin/shared/access/access.ts'
import type { ServerProcess } from './server-process.ts'

const PASSWORD = 'a password for the demo'

export interface Person {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly departments: readonly string[]
  readonly token: string
  /** The API as this person, online. */
  readonly api: Api
}

/** Makes the first administrator with the token that the server printed. */
export async function setUpAdmin(server: ServerProcess, name: string): Promise<Person> {
  const url = await server.url()
  const account = { name, email: emailOf(name), password: PASSWORD }
  const setUp = connectApi(url).accounts.setUp
  const { output } = await setUp.mutate({ ...account, token: await server.setupToken() })
  const { userId, token } = output
  return { id: userId, name, role: 'admin', departments: [], token, api: connectApi(url, token) }
}

export interface NewPerson {
  readonly name: string
  readonly role: Role
  readonly departments: readonly string[]
}

/** Adds a person and signs them in. */
export async function addPerson(url: string, admin: Person, { name, role, departments }: NewPerson): Promise<Person> {
  const email = emailOf(name)
  const account = { name, role, email, password: PASSWORD, departments: [...departments] }
  const { output: user } = await admin.api.accounts.createUser.mutate(account)
  const { output: session } = await connectApi(url).accounts.logIn.mutate({ email, password: PASSWORD })
  const { userId } = user
  const { token } = session
  return { id: userId, name, role, departments, token, api: connectApi(url, token) }
}

function emailOf(name: string): string {
  return `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '.')}@example.com`
}

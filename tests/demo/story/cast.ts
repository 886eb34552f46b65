/** The people of the story and their work: a fresh server, five people, three devices, six requests. */
import { join } from 'node:path'
import { v7 } from 'uuid'
import { memoryStore, type MemoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { sqliteStore } from '@rejoin/client-sdk/stores/sqlite.ts'
import { FieldDevice } from '../field-device.ts'
import { ServerProcess } from '../server-process.ts'
import { addPerson, setUpAdmin, type Person } from '../workspace.ts'

export const EVERY_SECOND = '*/1 * * * * *'

/** Requests by the word that the story uses for each. */
const REQUESTS = {
  plotter: { title: 'Plotter prints blank pages', description: 'Since this morning.', isAdas: true },
  lift: { title: 'Lift display is dark', description: 'The lift itself runs.', isAdas: true },
  scanner: { title: 'Scanner in hall 2 reads nothing', description: 'It beeps twice.', isAdas: true },
  wifi: { title: 'Wi-Fi drops in hall 3', description: 'Every few minutes.', isAdas: true },
  badge: { title: 'Badge reader rejects cards', description: 'Only the new cards.', isAdas: true },
  door: { title: 'Loading door will not close', description: 'It stops half way.', isAdas: false },
} as const

export type Subject = keyof typeof REQUESTS

export interface Cast {
  readonly dir: string
  readonly url: string
  /** A new process after the crash. */
  server: ServerProcess
  readonly departmentId: string
  readonly admin: Person
  readonly ada: FieldDevice
  readonly ben: FieldDevice
  readonly sue: FieldDevice
  /** Where Sue's device keeps the data that it must not lose; the agents' devices keep theirs in files. */
  readonly sueStore: MemoryStore
  /** The ids of the tickets, by their request. */
  readonly tickets: Readonly<Record<Subject, string>>
}

export async function gather(dir: string): Promise<Cast> {
  const server = await ServerProcess.start({ dataDir: join(dir, 'server'), slaSweep: EVERY_SECOND })
  const url = await server.url()
  const admin = await setUpAdmin(server, 'Olga')
  const { output } = await admin.api.departments.create.mutate({ name: 'Field service' })
  const { departmentId } = output
  const departments = [departmentId]
  const [ada, ben, sue, rita] = await Promise.all([
    addPerson(url, admin, { name: 'Ada', role: 'agent', departments }),
    addPerson(url, admin, { name: 'Ben', role: 'agent', departments }),
    addPerson(url, admin, { name: 'Sue', role: 'supervisor', departments }),
    addPerson(url, admin, { name: 'Rita', role: 'requester', departments: [] }),
  ])
  const tickets = await openRequests(rita, sue, { departmentId, adaId: ada.id })
  const sueStore = memoryStore()
  return {
    dir,
    url,
    server,
    departmentId,
    admin,
    ada: await FieldDevice.open(ada, { url, store: sqliteStore(storeFile(dir, 'Ada')) }),
    ben: await FieldDevice.open(ben, { url, store: sqliteStore(storeFile(dir, 'Ben')) }),
    sue: await FieldDevice.open(sue, { url, store: sueStore }),
    sueStore,
    tickets,
  }
}

export async function dismiss(cast: Cast): Promise<void> {
  for (const field of fieldsOf(cast)) await field.close()
  await cast.server.stop()
}

export function fieldsOf({ ada, ben, sue }: Cast): [FieldDevice, FieldDevice, FieldDevice] {
  return [ada, ben, sue]
}

/** The file in which the person's device lives. */
export function storeFile(dir: string, name: string): string {
  return join(dir, `${name.toLowerCase()}.device`)
}

async function openRequests(
  rita: Person,
  sue: Person,
  { departmentId, adaId }: { departmentId: string; adaId: string },
): Promise<Record<Subject, string>> {
  const ids: [string, string][] = []
  for (const [subject, { title, description, isAdas }] of Object.entries(REQUESTS)) {
    const ticketId = v7()
    await rita.api.tickets.create.mutate({ ticketId, title, description, departmentId })
    if (isAdas) await sue.api.tickets.assign.mutate({ ticketId, agentId: adaId })
    ids.push([subject, ticketId])
  }
  return Object.fromEntries(ids) as Record<Subject, string>
}

/**
 * A world for one test: a real server on a port of its own, a driven clock, people, and their devices on wires that
 * can be cut. When it is disposed, everybody rejoins and the laws of `laws.ts` must hold.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 } from 'uuid'
import { z } from 'zod'
import { connectApi, type Api } from '@rejoin/client-sdk/api.ts'
import type { Device } from '@rejoin/client-sdk/device.ts'
import { openDevice, type DeviceOptions } from '@rejoin/client-sdk/open-device.ts'
import { memoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import type { Store } from '@rejoin/client-sdk/stores/store.ts'
import { NewUser } from '@rejoin/server/slices/accounts/contract/accounts.ts'
import { addPerson } from '@rejoin/server/slices/accounts/people/add.ts'
import { startSession } from '@rejoin/server/slices/accounts/sessions.ts'
import { openApp, type App, type AppOptions } from '@rejoin/server/app.ts'
import type { Config } from '@rejoin/server/operations/config/config.ts'
import type { Answered } from '@rejoin/server/core/api/procedures.ts'
import { command } from '@rejoin/server/core/command.ts'
import { SYSTEM_ID } from '@rejoin/server/core/ids.ts'
import { createDepartment } from '@rejoin/server/slices/departments/commands.ts'
import { listen, type Listening } from '@rejoin/server/http/server.ts'
import type { Role } from '@rejoin/shared/access/access.ts'
import type { InputOf } from '@rejoin/shared/commands.ts'
import { Clock } from './clock.ts'
import { testConfig } from './config.ts'
import { undeclared } from './declared.ts'
import { WORKER } from './program/program.ts'
import { makeWorkspace } from './empty-workspace.ts'
import { checkLaws } from './laws.ts'
import { Wire } from './wire.ts'

export interface Person {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly token: string
  /** The API as this person, online. */
  readonly api: Api
}

/** A device with its person and its cable. */
export type Field = Device & {
  readonly person: Person
  readonly wire: Wire
  /** Connects, and resolves when everything queued is decided and everything missed has arrived. */
  rejoin(): Promise<void>
}

export type World = Awaited<ReturnType<typeof startWorld>>

export type WorldOptions = Omit<AppOptions, 'now'> & { readonly settings?: Partial<Config> }

/** The least that argon2id takes: `tests/accounts/accounts.test.ts` holds what it costs elsewhere. */
const CHEAP = { memory: 8, passes: 1, parallelism: 1 }

const as = { actorId: SYSTEM_ID }

/** Signs somebody in without the time that a password hash takes. */
const signIn = command({
  name: 'harness.sign-in',
  input: z.object({ userId: z.string() }),
  run: (context, { userId }) => startSession(context, userId),
})

/** Somebody who is there already: no letter asks them in. */
const bePresent = command({
  name: 'harness.be-present',
  input: NewUser,
  run: async (context, user) => ({ userId: await addPerson(context, { ...user, passwordHash: null }) }),
})

export async function startWorld({ settings, ...others }: WorldOptions = {}) {
  const options = { hashCost: CHEAP, workerEntry: WORKER, ...others }
  const dataDir = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
  makeWorkspace(dataDir)
  let config = testConfig(dataDir, settings)
  const clock = new Clock()
  let wrongMs = 0
  const serverClock = { now: () => clock.now() + wrongMs, mono: clock.now }
  const devices: Field[] = []
  const wires: Wire[] = []
  const beyond = new Set<string>()
  const answered: Answered = (operation, answer) => {
    const sentence = undeclared(operation, answer)
    if (sentence !== null) beyond.add(sentence)
  }
  let app = await openApp(config, { ...options, ...serverClock, answered })
  let listening = await listen(app)
  const departments = new Map<string, Promise<string>>()
  const backups: string[] = []

  async function start(): Promise<void> {
    const port = Number(new URL(listening.url).port)
    app = await openApp({ ...config, port }, { ...options, ...serverClock, answered })
    listening = await listen(app)
  }

  /** Made at first use. */
  function department(name: string): Promise<string> {
    const known = departments.get(name) ?? makeDepartment(name)
    departments.set(name, known)
    return known
  }

  async function makeDepartment(name: string): Promise<string> {
    const { output } = await app.commits.commitOrThrow(createDepartment, { name }, as)
    return output.departmentId
  }

  /** The token of a new session. */
  async function newToken(userId: string): Promise<string> {
    const { output } = await app.commits.commitOrThrow(signIn, { userId }, as)
    return output.token
  }

  /** A person of the department `support`, unless others are named. */
  async function person(name: string, role: Role, memberOf: readonly string[] = ['support']): Promise<Person> {
    const ids = await Promise.all(memberOf.map(department))
    const user = { name, role, email: `${name}@example.com`, departments: role === 'requester' ? [] : ids }
    const { output } = await app.commits.commitOrThrow(bePresent, user, as)
    const token = await newToken(output.userId)
    return { id: output.userId, name, role, token, api: connectApi(listening.url, token) }
  }

  /** A device of `owner`, connected. With a `store`, the device that lives in it. */
  async function device(
    owner: Person,
    store: Store = memoryStore(),
    settings: Pick<DeviceOptions, 'keepForMs' | 'pingMs'> = {},
  ): Promise<Field> {
    const wire = await Wire.to(listening.url)
    wires.push(wire)
    const environment = { now: clock.now, mono: clock.now, after: clock.after, random: () => 0.5 }
    // The driven clock leaps over hours in which no answer could come.
    const options = { url: wire.url, token: owner.token, store, environment, pingMs: Infinity }
    const opened = await openDevice({ ...options, ...settings })
    const field: Field = Object.assign(opened, {
      person: owner,
      wire,
      async rejoin() {
        wire.mend()
        opened.disconnect()
        opened.connect()
        await opened.settled()
      },
    })
    devices.push(field)
    field.connect()
    await field.settled()
    return field
  }

  /** An agent of the department `support` with a device, for each name. */
  async function agents<Names extends string[]>(...names: Names): Promise<{ [Index in keyof Names]: Field }> {
    const made: Field[] = []
    for (const name of names) made.push(await device(await person(name, 'agent')))
    return made as { [Index in keyof Names]: Field }
  }

  /** An open ticket of the department `support`, from a requester, given to `assignee` where one is named. */
  async function ticket(
    fields: Partial<InputOf<'ticket.create'>> & { assignee?: Person } = {},
  ): Promise<{ id: string; number: string }> {
    const { assignee, ...input } = fields
    const office = await desk()
    const ticketId = v7()
    const departmentId = input.departmentId ?? (await department('support'))
    const { output } = await office.api.tickets.create.mutate({ title: 'Printer', ...input, ticketId, departmentId })
    if (assignee !== undefined) await office.api.tickets.assign.mutate({ ticketId, agentId: assignee.id })
    return { id: ticketId, number: output.number }
  }

  let office: Promise<Person> | undefined
  /** An administrator at a desk, made at first use. */
  function desk(): Promise<Person> {
    office ??= person('office', 'admin', [])
    return office
  }

  return {
    clock,
    dataDir,
    department,
    person,
    device,
    agents,
    ticket,
    desk,
    newToken,
    get app(): App {
      return app
    },
    get url(): string {
      return listening.url
    },
    /** Moves the clock on, runs every job that is due, and waits for what it sends. */
    async advance(ms: number): Promise<void> {
      clock.advance(ms)
      await app.jobs.runDue()
      await app.lanes.idle()
    },
    /** Sets the server's clock so far ahead of the right time, or back: no time passes, and devices have their own. */
    setServerClock(aheadMs: number): void {
      wrongMs = aheadMs
    },
    /** Every device that is not closed rejoins. */
    async converge(): Promise<void> {
      for (const field of devices) if (isInUse(field)) await field.rejoin()
    },
    async [Symbol.asyncDispose](): Promise<void> {
      try {
        for (const field of devices) if (isInUse(field)) await field.rejoin()
        await checkLaws(app, devices.filter(isInUse))
        if (beyond.size > 0) throw new Error([...beyond].join('\n'))
      } finally {
        for (const field of devices) if (field.state !== 'closed') await field.close()
        await stop(listening, app)
        for (const wire of wires) await wire.close()
        for (const folder of [dataDir, ...backups]) rmSync(folder, { recursive: true })
      }
    },
    /** Stops the server and starts it again on the same data and port, where asked with other settings. */
    async restart(changed: Partial<Config> = {}): Promise<void> {
      await stop(listening, app)
      config = { ...config, ...changed }
      await start()
    },
    /** Stops the server, copies its data, and starts it again. Returns the folder of the copy, for `restore`. */
    async backup(): Promise<string> {
      await stop(listening, app)
      const copy = mkdtempSync(join(tmpdir(), 'rejoin-backup-'))
      backups.push(copy)
      cpSync(dataDir, copy, { recursive: true })
      await start()
      return copy
    },
    /** Stops the server, puts the copy in place of its data, lets `change` at it, and starts it again. */
    async restore(copy: string, change: (dataDir: string) => void = () => undefined): Promise<void> {
      await stop(listening, app)
      rmSync(dataDir, { recursive: true })
      cpSync(copy, dataDir, { recursive: true })
      change(dataDir)
      await start()
    },
    /** Starts the server again that did not start, after `change`. */
    async resume(change: () => void): Promise<void> {
      change()
      await start()
    },
  }
}

async function stop(listening: Listening, app: App): Promise<void> {
  await listening.close()
  await app.close()
}

function isInUse(field: Field): boolean {
  return field.state !== 'closed' && field.state !== 'signed-out'
}

/** Resolves when `isTrue` holds, looking again after each change of the device. */
export async function until(device: Device, isTrue: () => boolean): Promise<void> {
  if (isTrue()) return
  await new Promise<void>((resolve) => {
    const stop = device.subscribe(() => {
      if (!isTrue()) return
      stop()
      resolve()
    })
  })
}

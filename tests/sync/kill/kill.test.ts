/**
 * kill -9 of a real server on a real file, at random moments of a random run. The couriers know exactly which commands
 * were acknowledged; an SDK device lives through the same. `TEST_SEED` repeats a run's choices (not its timing),
 * `TEST_KILLS` their number.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 } from 'uuid'
import { expect, it, onTestFailed } from 'vitest'
import type { Device } from '@rejoin/client-sdk/device.ts'
import { openDevice } from '@rejoin/client-sdk/open-device.ts'
import { memoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { openApp } from '@rejoin/server/app.ts'
import { testConfig } from '../../harness/config.ts'
import { Courier } from '../../harness/courier.ts'
import { checkLaws } from '../../harness/laws.ts'
import { randomFrom, type Random } from '../../harness/random.ts'
import { freePort, ServerProcess, type Place } from '../../harness/server-process.ts'
import { setUpOffice } from '../../harness/staff.ts'
import { Wire } from '../../harness/wire.ts'
import { until } from '../../harness/world.ts'
import { checkOnce, type Author } from './laws.ts'
import { openTicket, step, type Stream } from './stream.ts'

const SEED = Number(process.env['TEST_SEED'] ?? Date.now() % 1_000_000)
const KILLS = Number(process.env['TEST_KILLS'] ?? 100)
/** Commands that each courier has under way. */
const IN_FLIGHT = 6
const MAX_ACKS = 25
const MAX_DELAY_MS = 20

it(`loses no acknowledged command and applies none twice, killed ${KILLS} times`, { timeout: 600_000 }, async () => {
  onTestFailed(() => void process.stderr.write(`kill.test.ts failed with TEST_SEED=${SEED}\n`))
  const random = randomFrom(SEED)
  await using place = await makePlace()
  const first = new ServerProcess(place)
  await using servers = new Servers(place, first)
  await first.listen()
  const office = await setUpOffice(first)
  const requester = await office.hire('rob', 'requester')
  const streams: Stream[] = []
  const authors: Author[] = []
  const ticketIds: string[] = []
  const notes: string[] = []
  for (const name of ['sue', 'tom', 'uma']) {
    const { id, token } = await office.hire(name, 'supervisor')
    const courier = new Courier(token)
    authors.push({ courier, id })
    const { departmentId } = office
    streams.push({
      courier,
      random: randomFrom(random.below(2 ** 32)),
      ticketIds,
      requesterId: requester.id,
      departmentId,
    })
  }
  await using field = await openField(first.url, await office.hire('ada', 'agent'))
  const { ticketId: own } = await field.tickets.create({ title: 'Of the device' })

  for (let round = 0; servers.kills < KILLS; round += 1) {
    const run = runStreams(streams, first.url, random.below(MAX_ACKS))
    field.connect()
    if (round % 10 === 0) {
      const note = { ticketId: own, body: `Round ${round}`, visibility: 'internal' } as const
      notes.push((await field.tickets.comment(note)).commandId)
    }
    await run
    await spin(random.next() * MAX_DELAY_MS)
    await servers.killAndRestart(round % 8 === 7 ? random : null)
  }

  for (const { courier } of streams) courier.onVerdict = () => undefined
  for (const { courier } of streams) await courier.connect(first.url)
  for (const { courier } of streams) await courier.idle()
  field.connect()
  await field.settled()
  await hearLastWord(field, own, authors[0]?.courier)
  field.disconnect()
  expect(await servers.stop()).toBe(0)

  const { dataDir } = place
  const app = await openApp(testConfig(dataDir))
  try {
    await checkOnce(app, authors, [own])
    await checkLaws(app, [field])
    const decided = field.verdicts().filter(({ name }) => name === 'comment.add')
    expect(decided.map(({ id, outcome }) => [id, outcome])).toEqual(notes.map((id) => [id, 'applied']))
  } finally {
    await app.close()
  }
})

/** Connects every courier and keeps it busy; resolves after `acks` verdicts, with commands under way. */
async function runStreams(streams: readonly Stream[], url: string, acks: number): Promise<void> {
  for (const stream of streams) if (stream.ticketIds.length === 0) openTicket(stream)
  let left = acks
  await new Promise<void>((resolve, reject) => {
    for (const stream of streams) {
      stream.courier.onError = reject
      stream.courier.onVerdict = () => {
        step(stream)
        left -= 1
        if (left <= 0) resolve()
      }
      void stream.courier.connect(url).then(() => {
        while (stream.courier.waiting < IN_FLIGHT) step(stream)
        if (left <= 0) resolve()
      })
    }
  })
}

/** A push may still be under way to a device that is settled. They come in order: after a last one, all have come. */
async function hearLastWord(device: Device, ticketId: string, courier: Courier | undefined): Promise<void> {
  const commentId = v7()
  courier?.send('comment.add', { ticketId, commentId, body: 'The last word', visibility: 'internal' })
  await until(device, () => device.view(ticketId)?.comments.some(({ id }) => id === commentId) === true)
}

/** Lets `ms` pass without standing still: what arrives meanwhile is handled. */
async function spin(ms: number): Promise<void> {
  const end = performance.now() + ms
  while (performance.now() < end) await new Promise((resolve) => setImmediate(resolve))
}

/** The running server, and the next one, which loads its program meanwhile. */
class Servers {
  kills = 0
  readonly #place: Place
  #current: ServerProcess
  #next: ServerProcess

  constructor(place: Place, first: ServerProcess) {
    this.#place = place
    this.#current = first
    this.#next = new ServerProcess(place)
  }

  /** With `whileOpening`, the next one is killed too, at some moment of opening the data. */
  async killAndRestart(whileOpening: Random | null): Promise<void> {
    await this.#replace()
    if (whileOpening !== null) {
      await this.#current.open()
      await spin(whileOpening.next() * 3 * MAX_DELAY_MS)
      await this.#replace()
    }
    await this.#current.listen()
  }

  async stop(): Promise<number | null> {
    await this.#next.kill()
    return this.#current.stop()
  }

  async #replace(): Promise<void> {
    await this.#current.kill()
    this.kills += 1
    this.#current = this.#next
    this.#next = new ServerProcess(this.#place)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#current.kill()
    await this.#next.kill()
  }
}

async function makePlace(): Promise<Place & AsyncDisposable> {
  const root = mkdtempSync(join(tmpdir(), 'rejoin-kill-'))
  return {
    dataDir: root,
    port: await freePort(),
    cacheDir: join(root, 'compile-cache'),
    async [Symbol.asyncDispose]() {
      rmSync(root, { recursive: true })
    },
  }
}

async function openField(url: string, person: Awaited<ReturnType<Awaited<ReturnType<typeof setUpOffice>>['hire']>>) {
  const wire = await Wire.to(url)
  const device = await openDevice({ url: wire.url, token: person.token, store: memoryStore() })
  return Object.assign(device, {
    person: { ...person, api: device.api },
    wire,
    rejoin: () => device.settled(),
    async [Symbol.asyncDispose]() {
      await device.close()
      await wire.close()
    },
  })
}

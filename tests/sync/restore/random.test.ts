/** Random work, backups and restores: all work that a device heard of or has queued is there in the end, once. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { randomFrom, type Random } from '../../harness/random.ts'
import { startWorld, until, type Field, type World } from '../../harness/world.ts'

const STEPS = 40
const MINUTE = 60_000

/** The work done on the devices, and the tickets where it belongs. */
interface Book {
  readonly comments: { readonly ticketId: string; readonly body: string }[]
  readonly work: { readonly ticketId: string; readonly note: string }[]
  readonly created: string[]
}

interface Scene {
  readonly world: World
  readonly random: Random
  readonly book: Book
  readonly backups: string[]
  readonly devices: readonly { readonly device: Field; readonly own: string[] }[]
}

const STEP: Record<string, (scene: Scene, step: number) => Promise<void>> = {
  async comment({ random, book, devices }, step) {
    const { device, own } = random.pick(devices)
    const ticketId = random.pick(own)
    book.comments.push({ ticketId, body: `Comment ${step}` })
    await device.tickets.comment({ ticketId, body: `Comment ${step}` })
  },
  async work({ random, book, devices }, step) {
    const { device, own } = random.pick(devices)
    const [ticketId = ''] = own
    book.work.push({ ticketId, note: `Work ${step}` })
    await device.tickets.logWork({ ticketId, minutes: 5, note: `Work ${step}` })
  },
  async create({ random, book, devices }, step) {
    const { device, own } = random.pick(devices)
    const { ticketId } = await device.tickets.create({ title: `Ticket ${step}` })
    own.push(ticketId)
    book.created.push(ticketId)
  },
  async change({ random, devices }, step) {
    const { device, own } = random.pick(devices)
    const [ticketId = ''] = own
    await device.tickets.edit({ ticketId, set: { title: `Title ${step}` } })
    await device.tickets.tag({ ticketId, tag: `tag-${step % 3}` })
    await device.tickets.transition({ ticketId, to: random.pick(['in_progress', 'on_hold']), reason: 'Because' })
    if (device.held().includes(ticketId)) device.text(ticketId, 'notes').insert(0, `${step} `)
    await device.flush()
  },
  async office({ world, random, devices }, step) {
    const { api } = await world.desk()
    const [ticketId = ''] = random.pick(devices).own
    await api.tickets.comment.mutate({ ticketId, commentId: v7(), body: `From the office ${step}` })
    await api.tickets.edit.mutate({ ticketId, set: { title: `Office ${step}`, description: `Written ${step}` } })
  },
  async leave({ random, devices }) {
    random.pick(devices).device.disconnect()
  },
  async join({ random, devices }) {
    await comeBack(random.pick(devices).device)
  },
  async break({ random, devices }) {
    const { device } = random.pick(devices)
    device.wire.breakAfter(300 + random.below(3000))
    device.connect()
  },
  async wait({ world, random }) {
    await world.advance((1 + random.below(30)) * MINUTE)
  },
  async backup({ world, backups }) {
    backups.push(await world.backup())
  },
  async restore({ world, random, backups }) {
    await world.restore(random.pick(backups))
  },
}

/** As `rejoin`, and again where the connection is lost: the clock stands still, so nobody else tries. */
async function comeBack(device: Field): Promise<void> {
  device.wire.mend()
  device.disconnect()
  const isSettled = () => device.state === 'live' && device.pending().length === 0
  while (!isSettled()) {
    device.connect()
    await until(device, () => device.state === 'waiting' || isSettled())
  }
}

async function setScene(world: World, seed: number): Promise<Scene> {
  const people = await world.agents('ada', 'bob', 'cleo')
  const devices = []
  for (const device of people) devices.push({ device, own: [(await world.ticket({ assignee: device.person })).id] })
  await world.desk()
  await world.converge()
  const book = { comments: [], work: [], created: [] }
  return { world, random: randomFrom(seed), book, backups: [await world.backup()], devices }
}

it.each([1, 2, 3, 4, 5, 6])('brings everything back, whatever is lost and when, by the seed %i', async (seed) => {
  await using world = await startWorld()
  const scene = await setScene(world, seed)
  const { book, random } = scene
  const names = Object.keys(STEP)
  for (let step = 0; step < STEPS; step += 1) await STEP[random.pick(names)]?.(scene, step)
  await STEP['restore']?.(scene, STEPS)
  for (let times = 0; times < 2; times += 1) for (const { device } of scene.devices) await comeBack(device)

  const { api } = await world.desk()
  for (const ticketId of new Set([...scene.devices.flatMap(({ own }) => own), ...book.created])) {
    const { comments, work } = await api.tickets.get.query({ ticketId })
    const bodies = comments.map(({ body }) => body).filter((body) => body.startsWith('Comment'))
    const done = book.comments.filter((each) => each.ticketId === ticketId)
    expect(bodies.toSorted()).toEqual(done.map(({ body }) => body).toSorted())
    const logged = book.work.filter((each) => each.ticketId === ticketId)
    expect(work.map(({ note }) => note ?? '').toSorted()).toEqual(logged.map(({ note }) => note).toSorted())
  }
})

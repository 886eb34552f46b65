/** What enters and leaves a device, and the reason it is given, on a live device and on one that was away. */
import { describe, expect, it } from 'vitest'
import type { Left } from '@rejoin/client-sdk/changes.ts'
import { startWorld, until, type Field, type Person, type World } from '../../harness/world.ts'

interface Scene {
  readonly world: World
  readonly ada: Field
  readonly bob: Person
  readonly desk: Person
  readonly lab: string
}

async function setScene(world: World): Promise<Scene> {
  const ada = await world.device(await world.person('ada', 'agent'))
  const bob = await world.person('bob', 'agent')
  return { world, ada, bob, desk: await world.desk(), lab: await world.department('lab') }
}

/** What leaves the device from now on. */
function leavesOf(device: Field): Left[] {
  const left: Left[] = []
  device.subscribe((change) => void (change.kind === 'left' && left.push(...change.tickets)))
  return left
}

async function watched({ world, ada, bob, desk }: Scene): Promise<string> {
  const { id: ticketId } = await world.ticket({ assignee: bob })
  await desk.api.tickets.watch.mutate({ ticketId, userId: ada.person.id })
  return ticketId
}

const assigned = async ({ world, ada }: Scene) => (await world.ticket({ assignee: ada.person })).id
const queued = async ({ world }: Scene) => (await world.ticket()).id
const elsewhere = async ({ world, lab }: Scene) => (await world.ticket({ departmentId: lab })).id

type Action = (scene: Scene, ticketId: string) => Promise<unknown>

const assignTo =
  (whom: (scene: Scene) => Person): Action =>
  (scene, ticketId) =>
    scene.desk.api.tickets.assign.mutate({ ticketId, agentId: whom(scene).id })
const setRole =
  (role: Person['role']): Action =>
  ({ desk, ada }) =>
    desk.api.accounts.setRole.mutate({ userId: ada.person.id, role })
const setDepartments =
  (names: readonly string[]): Action =>
  async ({ world, desk, ada }) => {
    const departments = await Promise.all(names.map(world.department))
    await desk.api.accounts.setDepartments.mutate({ userId: ada.person.id, departments })
  }
const moveToLab: Action = ({ desk, lab }, ticketId) => desk.api.tickets.move.mutate({ ticketId, departmentId: lab })
const cancel: Action = ({ desk }, ticketId) => desk.api.tickets.cancel.mutate({ ticketId })
const unwatch: Action = ({ desk, ada }, ticketId) =>
  desk.api.tickets.unwatch.mutate({ ticketId, userId: ada.person.id })

const LEAVING = [
  ['their ticket is given to somebody else', assigned, assignTo(({ bob }) => bob), 'reassigned'],
  ['somebody else takes a ticket of their queue', queued, assignTo(({ bob }) => bob), 'reassigned'],
  ['their ticket goes to another department', assigned, moveToLab, 'reassigned'],
  ['a ticket of their queue goes to another department', queued, moveToLab, 'moved'],
  ['their ticket is done with', assigned, cancel, 'closed'],
  ['a ticket of their queue is done with', queued, cancel, 'closed'],
  ['a ticket that they watch is done with', watched, cancel, 'closed'],
  ['they do not watch it any more', watched, unwatch, 'unwatched'],
  ['they leave the department', queued, setDepartments(['lab']), 'access-lost'],
  ['they become a requester with a ticket', assigned, setRole('requester'), 'access-lost'],
  ['they become a requester who watches', watched, setRole('requester'), 'access-lost'],
] as const

const ENTERING = [
  ['a ticket is given to them', elsewhere, assignTo(({ ada }) => ada.person)],
  ['they watch it', elsewhere, watchIt],
  ['they come into its department', elsewhere, setDepartments(['support', 'lab'])],
  ['they become a supervisor where it is somebody else’s', ofBob, setRole('supervisor')],
  ['it comes into their department', elsewhere, moveToSupport],
  ['it is given back to their queue', ofBob, unassign],
] as const

async function ofBob({ world, bob }: Scene): Promise<string> {
  return (await world.ticket({ assignee: bob })).id
}

async function watchIt({ desk, ada }: Scene, ticketId: string): Promise<void> {
  await desk.api.tickets.watch.mutate({ ticketId, userId: ada.person.id })
}

async function moveToSupport({ world, desk }: Scene, ticketId: string): Promise<void> {
  await desk.api.tickets.move.mutate({ ticketId, departmentId: await world.department('support') })
}

async function unassign({ desk }: Scene, ticketId: string): Promise<void> {
  await desk.api.tickets.unassign.mutate({ ticketId })
}

describe.each(['live', 'away'] as const)('on a device that is %s', (state) => {
  it.each(LEAVING)('a ticket leaves when %s', async (_when, made, action, reason) => {
    await using world = await startWorld()
    const scene = await setScene(world)
    const { ada } = scene
    const kept = await assigned(scene)
    const ticketId = await made(scene)
    await ada.rejoin()
    expect(ada.held().toSorted()).toEqual([kept, ticketId].toSorted())
    const left = leavesOf(ada)
    if (state === 'away') ada.disconnect()
    await action(scene, ticketId)
    if (state === 'away') ada.connect()
    await until(ada, () => !ada.held().includes(ticketId))
    await ada.settled()
    expect(left).toContainEqual({ ticketId, reason })
    expect(left.filter((each) => each.ticketId === ticketId)).toHaveLength(1)
    expect(ada.handedOver()).toEqual([])
  })

  it.each(ENTERING)('a ticket enters when %s', async (_when, made, action) => {
    await using world = await startWorld()
    const scene = await setScene(world)
    const { ada } = scene
    const kept = await assigned(scene)
    const ticketId = await made(scene)
    await ada.rejoin()
    expect(ada.held()).toEqual([kept])
    const left = leavesOf(ada)
    if (state === 'away') ada.disconnect()
    await action(scene, ticketId)
    if (state === 'away') ada.connect()
    await until(ada, () => ada.held().includes(ticketId))
    expect(left).toEqual([])
  })
})

it('a device that comes back after everything about its scope changed ends with exactly its scope', async () => {
  await using world = await startWorld()
  const scene = await setScene(world)
  const { ada, desk } = scene
  const [mine, given, waiting, seen, gone] = [
    await assigned(scene),
    await assigned(scene),
    await queued(scene),
    await watched(scene),
    await assigned(scene),
  ]
  const far = await elsewhere(scene)
  await ada.rejoin()
  ada.disconnect()
  for (const id of [mine, given, waiting, gone]) await ada.tickets.comment({ ticketId: id, body: 'Looked at it' })
  const left = leavesOf(ada)
  await cancel(scene, gone)
  await assignTo(({ bob }) => bob)(scene, given)
  await unwatch(scene, seen)
  await setDepartments(['lab'])(scene, '')
  await setRole('supervisor')(scene, '')
  const fresh = await elsewhere(scene)
  await desk.api.tickets.comment.mutate({ ticketId: mine, commentId: crypto.randomUUID(), body: 'Hurry' })
  await ada.rejoin()

  expect(ada.held().toSorted()).toEqual([mine, far, fresh].toSorted())
  expect(ada.actor).toMatchObject({ role: 'supervisor', departments: [scene.lab] })
  expect(new Map(left.map(({ ticketId, reason }) => [ticketId, reason]))).toEqual(
    new Map([
      [gone, 'closed'],
      [given, 'reassigned'],
      [seen, 'unwatched'],
      [waiting, 'access-lost'],
    ]),
  )
  expect(ada.verdicts().map(({ outcome }) => outcome)).toEqual(Array.from({ length: 4 }, () => 'applied'))
  expect(ada.handedOver().toSorted()).toEqual([given, waiting, gone].toSorted())
})

it.each([1, 120])(
  'brings a device that was away up to date when %i changes elsewhere came before its own',
  async (many) => {
    await using world = await startWorld()
    const { ada, bob, desk } = await setScene(world)
    const [own, elsewhere] = [await world.ticket({ assignee: ada.person }), await world.ticket({ assignee: bob })]
    await ada.rejoin()
    ada.disconnect()
    const commentOn = (ticketId: string, body: string) =>
      desk.api.tickets.comment.mutate({ ticketId, commentId: crypto.randomUUID(), body, visibility: 'public' })
    await Promise.all(Array.from({ length: many }, (_, index) => commentOn(elsewhere.id, `Note ${index}`)))
    await commentOn(own.id, 'The part is here')
    await ada.rejoin()

    expect(ada.replica(own.id)?.comments).toMatchObject([{ body: 'The part is here' }])
    expect(ada.replica(elsewhere.id)).toBeNull()
  },
)

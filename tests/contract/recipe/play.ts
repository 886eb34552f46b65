/** Runs the example commands in a program that has them: by each door, and by the checks of other tests. */
import { v7 } from 'uuid'
import type { DeviceCommandName } from '@rejoin/shared/commands.ts'
import { SCHEMA_VERSION } from '@rejoin/shared/sync/upcast.ts'
import { operations } from '@rejoin/server/router.ts'
import { ANYWHERE_CALLS } from '../../access/anywhere.ts'
import { callApi } from '../../access/doors.ts'
import { withoutRow, withoutScopes } from '../../access/procedures.ts'
import { SPOKEN } from '../../access/stage.ts'
import { SCOPES } from '../../access/table.ts'
import { exchangeByPost } from '../../doors/exchange.ts'
import { startWorld, type Field, type World } from '../../harness/world.ts'
import { referencePage } from '../../reference/page/page.ts'
import { Recorder, uncalled } from '../../reference/recorder.ts'
import { changesSince, inputsNow, readFixture, withoutCommand } from '../../sync/versions/fixtures.ts'

/** The clients derive these, which the sources on the disk do not have. */
interface WithExamples {
  readonly tickets: { readonly pin: { mutate(input: { ticketId: string }): Promise<unknown> } }
  readonly devices: { readonly ring: { mutate(input: { deviceId: string }): Promise<unknown> } }
}
interface WithMethod {
  pin(input: { ticketId: string }): Promise<{ commandId: string }>
}

/** The declarations of the examples alone. */
const EXAMPLES = new Map([...operations].filter(([path]) => path === 'tickets.pin' || path === 'devices.ring'))

export type Played = Awaited<ReturnType<typeof play>>

export async function play() {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const recorder = new Recorder()
  const byApi = await calledByApi(world, ada, recorder)
  const byMethod = await calledByMethod(world, ada)
  const bySync = await calledBySync(world, ada)
  return { calls: { byApi, byMethod, bySync }, ...missing(recorder), entries: entriesOf(recorder) }
}

async function calledByApi(world: World, ada: Field, recorder: Recorder) {
  const { id: ticketId } = await world.ticket()
  const desk = await world.desk()
  const api = recorder.api(world, desk.token) as unknown as WithExamples
  await api.tickets.pin.mutate({ ticketId })
  await api.devices.ring.mutate({ deviceId: ada.id })
  const { token } = await world.person('otto', 'requester')
  return {
    site: (await desk.api.tickets.get.query({ ticketId })).site,
    byStranger: await callApi(world.url, token, 'tickets.pin', { ticketId }),
    ofNoDevice: await callApi(world.url, desk.token, 'devices.ring', { deviceId: v7() }),
  }
}

async function calledByMethod(world: World, ada: Field) {
  const { id: ticketId } = await world.ticket({ assignee: ada.person })
  await ada.settled()
  ada.disconnect()
  const { commandId } = await (ada.tickets as unknown as WithMethod).pin({ ticketId })
  const predicted = ada.view(ticketId)?.site
  await ada.rejoin()
  const verdict = ada.verdicts().find(({ id }) => id === commandId)
  return { predicted, outcome: verdict?.outcome, site: ada.view(ticketId)?.site }
}

async function calledBySync(world: World, { person }: Field) {
  const { id: ticketId } = await world.ticket({ assignee: person })
  const commands = [{ name: 'ticket.pin', input: { ticketId } }]
  const { verdicts } = await exchangeByPost(world.url, person.token, commands)
  return { outcome: verdicts[0]?.outcome, site: (await person.api.tickets.get.query({ ticketId })).site }
}

/** What the checks ask for while a piece is left out, and with it. */
function missing(recorder: Recorder) {
  const stored = readFixture(SCHEMA_VERSION)
  const rows = {
    spoken: { ...SPOKEN, 'ticket.pin': { name: 'ticket.pin' as DeviceCommandName } },
    anywhere: { ...ANYWHERE_CALLS, 'ring a device': { procedure: 'devices.ring' } },
  }
  const inputs = inputsNow()
  const command = { name: 'ticket.pin', input: { ticketId: '$ticket' } }
  return {
    without: {
      'its row of the access table': withoutRow(),
      'its row of the scopes': withoutScopes(),
      'the schema of its input': changesSince(stored),
      'its stored command': withoutCommand({ ...stored, inputs }),
      'its call in the story': uncalled(EXAMPLES, new Map()),
    },
    withAll: [
      ...withoutRow(rows),
      ...withoutScopes({ ...SCOPES, 'tickets.pin': 'ticket.edit' }),
      ...changesSince({ ...stored, inputs }),
      ...withoutCommand({ inputs, commands: [...stored.commands, command] }),
      ...uncalled(EXAMPLES, recorder.examples),
    ],
  }
}

/** The headings of the reference page that the declarations and these calls make. */
function entriesOf({ examples }: Recorder): string[] {
  return [...referencePage(EXAMPLES, examples).matchAll(/^### (.+)$/gm)].map(([, path = '']) => path)
}

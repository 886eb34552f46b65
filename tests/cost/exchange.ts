/** The worst exchanges of devices: by the field that is too large, and by the command that is repeated. */
import { v7 } from 'uuid'
import * as Y from 'yjs'
import type { DeviceCommandName } from '@rejoin/shared/commands.ts'
import { encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import type { Exchange } from '@rejoin/shared/sync/wire.ts'
import { openEditor } from './open-editor.ts'
import { CLOCK, exchangeWith, post, type Command } from '../doors/exchange.ts'
import { times, type Stage, type Worst } from './stage.ts'

type Fields = Partial<Record<keyof Exchange, unknown>>

/** Throws for an exchange that was turned away for now: it costs nothing, so its steps would show nothing. */
async function answerOf(response: Response): Promise<Record<string, unknown>> {
  const answer = (await response.json()) as Record<string, unknown>
  if (response.status === 429 || response.status === 503) throw new Error(`turned away: ${JSON.stringify(answer)}`)
  return answer
}

const devices = new Map<string, string>()

/** The one device of a person: new ones are rationed. */
function deviceOf(token: string): string {
  const device = devices.get(token) ?? v7()
  devices.set(token, device)
  return device
}

/** An exchange of the person's device that says nothing yet. */
export function helloOf(token: string) {
  return exchangeWith([], deviceOf(token))
}

/** The position of a device that knows everything up to now: it is told only the effects of its own exchange. */
async function hereAndNow({ server, token }: Stage, who = token): Promise<Fields> {
  const { epoch, cursor, tag } = await answerOf(await post(server.url, who, JSON.stringify(helloOf(who))))
  return { epoch, cursor, tag }
}

function exchanges(fields: (n: number, ticketId: string) => Fields): Worst['prepare'] {
  return async (stage, n) => {
    const { server, token, ticket } = stage
    const own = fields(n, await ticket())
    const frame = { ...helloOf(token), ...(await hereAndNow(stage)), ...own }
    const body = encodeFrame(frame as never, 'json')
    return async () => answerOf(await post(server.url, token, body))
  }
}

function commands(make: (ticketId: string, index: number, ids: readonly string[]) => Command): Worst {
  const prepare = exchanges((n, ticketId) => {
    const ids = times(n, () => v7())
    return { commands: exchangeWith(ids.map((id, index) => ({ id, ...make(ticketId, index, ids) }))).commands }
  })
  return { n: 100, prepare }
}

const comment = (ticketId: string) => ({
  name: 'comment.add',
  input: { ticketId, commentId: v7(), body: 'It hums again.' },
})

/** Parked because it builds on a command that is refused. */
const parked = (ticketId: string) => ({
  name: 'ticket.transition',
  input: { ticketId, to: 'waiting_customer', reason: 'x'.repeat(500) },
})

const typed = (words: string) => {
  const doc = new Y.Doc()
  doc.clientID = 77
  doc.getText('notes').insert(0, words)
  return Y.encodeStateAsUpdate(doc)
}

/** Commands that a device may queue; the others are of one ticket and a word or two, and cost as much as a comment. */
export const COMMANDS: Partial<Record<DeviceCommandName, Worst>> = {
  'comment.add': commands(comment),
  'work.log': commands((ticketId) => ({ name: 'work.log', input: { ticketId, workId: v7(), minutes: 5 } })),
  'ticket.create': commands(() => ({
    name: 'ticket.create',
    input: {
      ticketId: v7(),
      title: 'Plotter',
      tags: times(50, (tag) => `tag${tag}`),
      skills: times(20, (skill) => ({ name: `skill${skill}`, level: 1 })),
      custom: Object.fromEntries(times(20, (field) => [`field${field}`, field])),
    },
  })),
  'ticket.edit': commands((ticketId, index) => ({
    name: 'ticket.edit',
    input: {
      ticketId,
      set: {
        title: `Plotter ${index}`,
        skills: times(20, (skill) => ({ name: `skill${skill}`, level: 1 })),
        custom: Object.fromEntries(times(20, (field) => [`field${field}`, index])),
      },
    },
  })),
  'ticket.transition': commands(parked),
  'ticket.tag': commands((ticketId, index) => ({ name: 'ticket.tag', input: { ticketId, tag: `tag${index % 50}` } })),
  'ticket.watch': commands((ticketId) => ({ name: 'ticket.watch', input: { ticketId } })),
  'text.write': commands((ticketId) => ({ name: 'text.write', input: { ticketId, update: typed('It hums.') } })),
}

export const EXCHANGE: Partial<Record<keyof Exchange, Readonly<Record<string, Worst>>>> = {
  commands: {
    'of a name that nobody knows': commands((ticketId) => ({ name: 'ticket.fly', input: { ticketId } })),
    'in one group': {
      n: 100,
      prepare: exchanges((n, ticketId) => {
        const group = v7()
        return { commands: exchangeWith(times(n, () => ({ ...comment(ticketId), group }))).commands }
      }),
    },
    'that each build on fifty': commands((ticketId, index, ids) => ({
      name: 'ticket.tag',
      input: { ticketId, tag: 'loud' },
      after: ids.slice(Math.max(0, index - 50), index),
    })),
    'in one group, each waiting for what is parked': {
      n: 100,
      prepare: exchanges((n, ticketId) => {
        const group = v7()
        return { commands: exchangeWith(times(n, () => ({ ...parked(ticketId), group }))).commands }
      }),
    },
    'nested deeply': {
      n: 200,
      prepare: exchanges((n, ticketId) => {
        let input: unknown = { ticketId }
        for (let depth = 0; depth < n; depth += 1) input = [input]
        return { commands: exchangeWith([{ name: 'comment.add', input }]).commands }
      }),
    },
  },
  contacts: {
    'of boots that are over': {
      n: 12,
      prepare: exchanges((n, ticketId) => ({
        contacts: times(n, (boot) => ({ serverTime: CLOCK.wall, mono: 1, boot: `boot ${boot}` })),
        commands: exchangeWith(times(20, () => ({ ...comment(ticketId), wall: CLOCK.wall }))).commands,
      })),
    },
  },
  places: {
    'that nobody knows': {
      n: 6,
      prepare: exchanges((n) => ({ places: times(n, (cursor) => ({ cursor: cursor + 1, tag: 'elsewhere' })) })),
    },
  },
  offered: {
    'of which all are lost': {
      n: 100,
      prepare: exchanges((n, ticketId) => {
        const made = exchangeWith(times(n, () => comment(ticketId))).commands
        return { offered: made.map((command) => ({ ...command, effectiveAt: CLOCK.wall })) }
      }),
    },
  },
  held: {
    'that nobody knows': { n: 5000, prepare: exchanges((n) => ({ held: times(n, () => ({ ticketId: v7() })) })) },
    'with many deleted ranges': {
      n: 1000,
      prepare: async (stage, n) => {
        const { server, token, carrier, ticket } = stage
        const ticketId = await ticket()
        const editor = await openEditor(server.url, ticketId, token)
        await editor.write((doc) => doc.getText('notes').insert(0, 'x'.repeat(2 * n)))
        await editor.write((doc) => times(n, (index) => doc.getText('notes').delete(index, 1)))
        const snapshot = Y.encodeSnapshot(Y.snapshot(editor.doc))
        const body = encodeFrame({ ...helloOf(carrier), held: [{ ticketId, snapshot }] }, 'json')
        return async () => answerOf(await post(server.url, carrier, body))
      },
    },
  },
}

/** The batch for a device that was away while others did `n` things on one of its tickets. */
export const MISSED: Worst = {
  n: 100,
  prepare: async (stage, n) => {
    const { server, token, carrier, ticket } = stage
    const ticketId = await ticket()
    const before = await hereAndNow(stage, carrier)
    const said = exchangeWith(
      times(n, () => comment(ticketId)),
      deviceOf(token),
    )
    await answerOf(await post(server.url, token, JSON.stringify(said)))
    const body = encodeFrame({ ...helloOf(carrier), ...before } as never, 'json')
    return async () => answerOf(await post(server.url, carrier, body))
  },
}

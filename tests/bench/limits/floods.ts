/** Many at once: what no single message shows. Each sends, and resolves when nothing more comes of it. */
import { connect } from 'node:net'
import { v7 } from 'uuid'
import * as Y from 'yjs'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import { helloOf } from '../../cost/exchange.ts'
import { exchangeWith, post, type Command } from '../../doors/exchange.ts'
import { RawSocket } from '../../doors/socket.ts'
import type { Stage } from '../../cost/stage.ts'

type Flood = (stage: Stage) => Promise<() => Promise<unknown>>

const times = <Item>(count: number, make: (index: number) => Item) => Array.from({ length: count }, (_, at) => make(at))
const LARGE = '界'.repeat(20_000)

async function sendCommands({ server, token }: Pick<Stage, 'server' | 'token'>, commands: Command[]): Promise<void> {
  const frame = { ...helloOf(token), commands: exchangeWith(commands).commands }
  const response = await post(server.url, token, encodeFrame(frame, 'cbor'))
  if (!response.ok) throw new Error(`turned away: ${await response.text()}`)
  await response.arrayBuffer()
}

/** A ticket with as many comments as large as they may be. */
async function largeTicket({ server, token, ticket }: Stage, comments: number): Promise<string> {
  const ticketId = await ticket()
  const comment = () => ({ name: 'comment.add', input: { ticketId, commentId: v7(), body: LARGE } })
  await sendCommands({ server, token }, times(comments, comment))
  return ticketId
}

/** A ticket into which nothing more fits. */
function fullTicket(stage: Stage): Promise<string> {
  return largeTicket(stage, 40)
}

export const FLOODS: Readonly<Record<string, Flood>> = {
  '20 × a batch of 20 of the fullest ticket': async (stage) => {
    const ticketId = await fullTicket(stage)
    const api = connectApi(stage.server.url, stage.token)
    return () => Promise.allSettled(times(400, () => api.tickets.get.query({ ticketId })))
  },
  '500 comments on a full ticket': async (stage) => {
    const ticketId = await fullTicket(stage)
    const comment = () => ({ name: 'comment.add', input: { ticketId, commentId: v7(), body: 'x'.repeat(2000) } })
    return () => sendCommands(stage, times(500, comment))
  },
  '500 changes of one large ticket': async (stage) => {
    const ticketId = await fullTicket(stage)
    const tag = (at: number) => ({ name: at % 2 === 0 ? 'ticket.watch' : 'ticket.unwatch', input: { ticketId } })
    return () => sendCommands(stage, times(500, tag))
  },
  '500 words typed into one large ticket': async (stage) => {
    const ticketId = await largeTicket(stage, 30)
    const doc = new Y.Doc()
    const word = (at: number) => {
      const before = Y.encodeStateVector(doc)
      doc.getText('notes').insert(0, `word ${at} `)
      return { name: 'text.write', input: { ticketId, update: Y.encodeStateAsUpdate(doc, before) } }
    }
    return () => sendCommands(stage, times(500, word))
  },
  '900 × accounts.setUp of a workspace that is set up': async ({ server }) => {
    const api = connectApi(server.url)
    const input = { name: 'Eve', email: 'eve@example.com', password: 'ten characters or more', token: 'x'.repeat(43) }
    return () => Promise.allSettled(times(900, () => api.accounts.setUp.mutate(input)))
  },
  '200 × a password, of nobody': async ({ server }) => {
    const api = connectApi(server.url)
    return () =>
      Promise.allSettled(
        times(200, (at) => api.accounts.logIn.mutate({ email: `nobody${at}@example.com`, password: 'x'.repeat(20) })),
      )
  },
  '200 sockets that read nothing of 2 MB': async (stage) => {
    await fullTicket(stage)
    const frame = encodeFrame(helloOf(stage.carrier), 'cbor')
    return async () => {
      const opened = await Promise.allSettled(
        times(200, () => RawSocket.open(stage.server.url, '/sync', stage.carrier)),
      )
      const sockets = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
      for (const socket of sockets) {
        socket.pause()
        socket.send(frame)
      }
      await sendCommands(stage, [])
      for (const socket of sockets) socket.cut()
    }
  },
  '1,500 sockets of nobody':
    async ({ server }) =>
    async () => {
      const opened = await Promise.allSettled(times(1500, () => RawSocket.open(server.url, '/sync')))
      await Promise.all(opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value.end()] : [])))
    },
  '500 heads that never end':
    async ({ server }) =>
    async () => {
      const { port } = new URL(server.url)
      const sockets = times(500, () => connect(Number(port), '127.0.0.1').on('error', () => undefined))
      for (const socket of sockets) socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\nX-')
      await (await fetch(`${server.url}/healthz`)).arrayBuffer()
      for (const socket of sockets) socket.destroy()
    },
  'a holiday file that never ends': async ({ server }) => {
    const { api } = server.office
    const [calendar] = await api.sla.calendars.list.query()
    const rule = 'DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\nSUMMARY:Never'
    const ics = `BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\n${rule}\nEND:VEVENT\nEND:VCALENDAR\n`
    return () =>
      api.sla.calendars.importHolidays
        .mutate({ calendarId: calendar?.id ?? '', ics, applyTo: 'new' })
        .catch(() => undefined)
  },
}

/**
 * The smallest app over the SDK: signs in, shows the queue, one ticket, and the verdicts. Its address says which server
 * (`?server=`) and which ticket (`#id`); everything else is in the device's store.
 */
import type { DecidedCommand } from '@rejoin/client-sdk/answers.ts'
import type { Device } from '@rejoin/client-sdk/device.ts'
import { openDevice } from '@rejoin/client-sdk/open-device.ts'
import { indexedDbStore } from '@rejoin/client-sdk/stores/indexeddb.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { byId, elementOf, fill, onSubmit, show } from './dom.ts'
import { bindTextBox, type TextBox } from './text-box.ts'

function tell(problem: unknown): void {
  const hint = problem instanceof Refusal ? (problem.hint ?? '') : ''
  show('problem', `${problem instanceof Error ? problem.message : String(problem)} ${hint}`.trim())
  byId('problem').hidden = false
}

/** The ticket that the address names. */
function chosen(): string {
  return location.hash.slice(1)
}

function start(device: Device): void {
  const description = bindTextBox(elementOf(HTMLTextAreaElement, 'description'))
  const render = () => {
    renderDevice(device)
    renderTicket(device, description)
  }
  const act = (form: string, run: (value: string) => Promise<unknown>) =>
    onSubmit(form, ([value = '']) => void run(value).catch(tell))
  onSubmit('sign-in', ([token = '']) => void device.signIn(token).catch(tell))
  act('edit', (title) => device.tickets.edit({ ticketId: chosen(), set: { title } }))
  act('comment', (body) => device.tickets.comment({ ticketId: chosen(), body }))
  act('resolve', (resolution) => device.tickets.resolve({ ticketId: chosen(), resolution }))
  act('claim', () => device.tickets.claim({ ticketId: chosen() }))
  addEventListener('hashchange', render)
  device.subscribe(render)
  device.connect()
  render()
}

function renderDevice(device: Device): void {
  show('state', device.state)
  byId('sign-in').hidden = device.state !== 'signed-out'
  show('pending', String(device.pending().length))
  fill('verdicts', device.verdicts().map(sentenceOf))
  show('replica', JSON.stringify(Object.fromEntries(device.held().map((id) => [id, device.replica(id)])), null, 2))
  const links = device.queue().map(({ id, number, title, status }) => {
    const link = document.createElement('a')
    link.href = `#${id}`
    link.textContent = `${number ?? 'new'} ${title} (${status})`
    return link
  })
  fill('queue', links)
}

function renderTicket(device: Device, description: TextBox): void {
  const view = device.view(chosen())
  byId('ticket').hidden = view === null
  description.bind(device.held().includes(chosen()) ? device.text(chosen(), 'description') : null)
  if (view === null) return
  show('heading', `${view.number ?? 'new'} ${view.title} (${view.status}, ${view.assigneeName ?? 'nobody'})`)
  fill(
    'comments',
    view.comments.map(({ authorName, body }) => `${authorName}: ${body}`),
  )
}

function sentenceOf({ name, outcome, message, hint }: DecidedCommand): string {
  return [`${name} ${outcome}`, ...(message === undefined ? [] : [`— ${message}`]), hint ?? ''].join(' ').trim()
}

async function open(): Promise<void> {
  const url = new URLSearchParams(location.search).get('server') ?? location.origin
  start(await openDevice({ url, store: indexedDbStore() }))
}

open().catch(tell)
navigator.serviceWorker.register('./worker.js').catch(tell)
navigator.serviceWorker.ready.then(() => show('kept', 'yes'), tell)

/** The doors by which a change of a ticket can be asked for. Each answers with the code of the refusal, or null. */
import { v7 } from 'uuid'
import type { DeviceCommandName, InputOf } from '@rejoin/shared/commands.ts'
import { ticketCommands } from '@rejoin/shared/tickets/commands.ts'
import { bytesAsBase64 } from '@rejoin/shared/sync/encoding.ts'
import { headSeq } from '../doors/database.ts'
import { exchangeByPost } from '../doors/exchange.ts'
import type { Field, Person } from '../harness/world.ts'
import type { Stage } from './stage.ts'

export type Input = Readonly<Record<string, unknown>>
export type Ask = (person: Person, name: DeviceCommandName, input: Input) => Promise<string | null>

export function byApi({ world }: Stage): Ask {
  return (person, name, input) => {
    return callApi(world.url, person.token, procedureFor(name), input)
  }
}

/** The procedure that asks for the command. */
export function procedureFor(name: string): string {
  const keys = Object.entries(ticketCommands).flatMap(([key, command]) => (command.name === name ? key : []))
  return `tickets.${keys.join('')}`
}

export function byPost({ world }: Stage): Ask {
  const devices = new Map<Person, string>()
  return async (person, name, input) => {
    const device = devices.get(person) ?? v7()
    devices.set(person, device)
    const commands = [{ name, input, seen: await headSeq(world.app) }]
    const { verdicts } = await exchangeByPost(world.url, person.token, commands, { device, encoding: 'cbor' })
    return refusalOf(verdicts)
  }
}

export function byDevice({ world }: Stage): Ask {
  const devices = new Map<Person, Field>()
  return async (person, name, input) => {
    const device = devices.get(person) ?? (await world.device(person))
    devices.set(person, device)
    const id = await device.send(name, input as InputOf<typeof name>)
    await device.settled()
    return refusalOf(device.verdicts().filter((verdict) => verdict.id === id))
  }
}

function refusalOf([verdict]: readonly { outcome: string; code?: string | undefined }[]): string | null {
  if (verdict === undefined) throw new Error('the command has no verdict')
  return verdict.outcome === 'refused' || verdict.outcome === 'parked' ? (verdict.code ?? null) : null
}

/** Calls a procedure that changes something. */
export async function callApi(url: string, token: string, procedure: string, input: Input): Promise<string | null> {
  const response = await fetch(`${url}/trpc/${procedure}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(input, bytesAsBase64),
  })
  const { error } = (await response.json()) as { error?: { data: { code: string } } }
  return error === undefined ? null : error.data.code
}

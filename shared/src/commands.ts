/** Every command that a device may queue offline, of all nouns, by its name on the wire. */
import type { z } from 'zod'
import { byName, isNamed, type SendOf } from './contract/tables.ts'
import { parkedCommands } from './parked/commands.ts'
import { ticketCommands } from './tickets/commands.ts'

export const DEVICE_COMMANDS = { ...byName(ticketCommands), ...byName(parkedCommands) }

export type DeviceCommandName = keyof typeof DEVICE_COMMANDS
export type TicketCommandName = (typeof ticketCommands)[keyof typeof ticketCommands]['name']

/** What an author writes, before defaults. */
export type InputOf<Name extends DeviceCommandName> = z.input<(typeof DEVICE_COMMANDS)[Name]['input']>
/** What a command runs on, after defaults. */
export type ParsedOf<Name extends DeviceCommandName> = z.output<(typeof DEVICE_COMMANDS)[Name]['input']>

/** Queues a command of a device, with the input of its name. */
export type Send = SendOf<typeof DEVICE_COMMANDS>

export function isDeviceCommand(name: string): name is DeviceCommandName {
  return isNamed(DEVICE_COMMANDS, name)
}

/** What devices that hold their tickets and only listen cost the server in memory. */
import type { Shape } from '../fixture.ts'
import { quiet } from '../process.ts'
import type { System } from '../systems/system.ts'
import { allOf, devicesOf, stage, type Figures } from './stage.ts'

export async function idle(system: System, shape: Shape): Promise<Figures> {
  await using on = await stage(system, shape)
  const emptyMb = on.server.rss()
  const devices = await devicesOf(on)
  await allOf(devices, (device) => device.connect())
  await quiet(on.server, on.system.restMs)
  return memory(emptyMb, on.server.rss(), devices.length)
}

export function memory(emptyMb: number, idleMb: number, devices: number): Figures {
  return { emptyMb, idleMb, deviceKb: ((idleMb - emptyMb) * 1024) / devices }
}

/**
 * The recipe of CONTRIBUTING.md for a new command, followed in a copy of the sources: with all of it the program compiles,
 * and without any one piece the compiler names the piece that lacks.
 */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const TSC = join(ROOT, 'node_modules/.bin/tsc')

/** A file of the copy, and its content after the step, made of the one before: empty where there is no such file. */
interface Step {
  readonly file: string
  readonly change: (source: string) => string
}

const DEVICE_COMMAND: Readonly<Record<string, Step>> = {
  'its declaration': {
    file: 'shared/src/tickets/commands/pin.ts',
    change: () => `import { z } from 'zod'
import { ADDS } from '../../contract/on-device.ts'
import { declare, OnTicket } from './on-ticket.ts'

export const pinTicket = declare({
  name: 'ticket.pin',
  input: OnTicket,
  output: z.void(),
  action: 'ticket.watch',
  codes: [],
  buildsOn: ADDS,
  predict: null,
  rest: 'POST /tickets/{ticketId}/pin',
  doc: 'Pins a ticket.',
})
`,
  },
  'its line in the list of the noun': {
    file: 'shared/src/tickets/commands.ts',
    change: (source) =>
      `import { pinTicket } from './commands/pin.ts'\n${source.replace('  edit: editTicket,', '  edit: editTicket,\n  pin: pinTicket,')}`,
  },
  'its implementation': {
    file: 'server/src/slices/tickets/commands/pin.ts',
    change: () => `import * as declared from '@rejoin/shared/tickets/commands/pin.ts'
import { implement } from '../../../core/api/implement.ts'
import { must } from '../authorize.ts'
import { getTicket } from '../rows.ts'

export const pinTicket = implement(declared.pinTicket, async (context, { ticketId }) => {
  await must(context, 'ticket.watch', getTicket(context.tx, ticketId))
})
`,
  },
  'its line in the list of the slice': {
    file: 'server/src/slices/tickets/commands.ts',
    change: (source) =>
      `import { pinTicket } from './commands/pin.ts'\n${source.replace('  edit: editTicket,', '  edit: editTicket,\n  pin: pinTicket,')}`,
  },
}

const OFFICE_COMMAND: Readonly<Record<string, Step>> = {
  'its declaration': {
    file: 'server/src/slices/devices/contract.ts',
    change: (source) => `${source}
export const ring = declare({
  name: 'device.ring',
  input: z.strictObject({ deviceId: Id }),
  output: z.void(),
  action: 'device.manage',
  codes: [],
  rest: 'POST /devices/{deviceId}/ring',
  doc: 'Rings a device.',
})
`,
  },
  'its implementation': {
    file: 'server/src/slices/devices/commands.ts',
    change: (source) => `${source}
export const ringDevice = implement(contract.ring, () => Promise.resolve())
`,
  },
  'its line in the router': {
    file: 'server/src/slices/devices/router.ts',
    change: (source) =>
      `import { ringDevice } from './commands.ts'\n${source.replace('proceduresOf({', 'proceduresOf({\n    ring: ringDevice,')}`,
  },
}

let copy: string

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'rejoin-recipe-'))
  for (const folder of ['shared', 'server', 'migrations']) {
    cpSync(join(ROOT, folder), join(copy, folder), {
      recursive: true,
      filter: (path) => !/node_modules|[/\\]dist$|[/\\]dist[/\\]/.test(path),
    })
    symlinkSync(join(ROOT, folder, 'node_modules'), join(copy, folder, 'node_modules'))
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  const base = JSON.parse(readFileSync(join(ROOT, 'tsconfig.base.json'), 'utf8')) as { compilerOptions: object }
  const compilerOptions = {
    ...base.compilerOptions,
    composite: false,
    incremental: true,
    tsBuildInfoFile: './copy.tsbuildinfo',
    declaration: false,
    emitDeclarationOnly: false,
    isolatedDeclarations: false,
    noEmit: true,
    paths: {
      '@rejoin/shared/*': ['./shared/src/*'],
      '@rejoin/migrations/*': ['./migrations/*'],
    },
  }
  const uses = `import { appRouter } from './server/src/router.ts'
import { ticketCommands } from './shared/src/tickets/commands.ts'
export const used = [ticketCommands.pin, appRouter.tickets.pin, appRouter.devices.ring]
`
  writeFileSync(join(copy, 'uses.ts'), uses)
  writeFileSync(join(copy, 'package.json'), JSON.stringify({ type: 'module' }))
  writeFileSync(
    join(copy, 'tsconfig.json'),
    // Slices merge their tables and events into those of the core.
    JSON.stringify({ compilerOptions, include: ['uses.ts', 'server/src/**/tables.ts', 'server/src/**/events.ts'] }),
  )
})

afterAll(() => rmSync(copy, { recursive: true }))

/** What the compiler says of the copy after all steps but these. */
async function compileWithout(...left: (Step | undefined)[]): Promise<string> {
  for (const step of [...Object.values(DEVICE_COMMAND), ...Object.values(OFFICE_COMMAND)]) {
    const [to, source] = [join(copy, step.file), sourceOf(join(ROOT, step.file))]
    if (!left.includes(step)) writeFileSync(to, step.change(source ?? ''))
    else if (source === null) rmSync(to, { force: true })
    else writeFileSync(to, source)
  }
  return new Promise((resolve) => {
    execFile(TSC, ['-p', copy], { cwd: copy }, (_error, stdout) => resolve(stdout))
  })
}

function sourceOf(file: string): string | null {
  return existsSync(file) ? readFileSync(file, 'utf8') : null
}

it('compiles with all pieces of an example command of devices and one of the office', async () => {
  expect(await compileWithout()).toBe('')
})

// Two at a time, of which neither hides the other: a compilation takes seconds.
it.each([
  {
    device: ['its declaration', /Cannot find module '.*commands\/pin\.ts'/],
    office: ['its declaration', /Property 'ring' does not exist on type .*contract/],
  },
  {
    device: ['its line in the list of the noun', /'pin' does not exist in type 'Serving/],
    office: ['its implementation', /has no exported member 'ringDevice'/],
  },
  {
    device: ['its implementation', /Cannot find module '\.\/commands\/pin\.ts'/],
    office: ['its line in the router', /Property 'ring' does not exist on type/],
  },
  { device: ['its line in the list of the slice', /Property 'pin' is missing in type .* 'Serving/] },
] as const)(
  'names what is missing without $device.0 of a command of devices, and $office.0 of one of the office',
  async (row) => {
    const { device, office } = row as { device: [string, RegExp]; office?: [string, RegExp] }
    const said = await compileWithout(DEVICE_COMMAND[device[0]], OFFICE_COMMAND[office?.[0] ?? ''])
    expect(said).toMatch(device[1])
    expect(said).toMatch(office?.[1] ?? '')
  },
)

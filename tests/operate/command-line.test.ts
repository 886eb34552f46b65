/** What the operator types: help that shows how, completion for the shells, JSON and exit codes for scripts. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { expect, it } from 'vitest'
import { commandLine } from '@rejoin/server/cli/program.ts'
import { readVersion } from '@rejoin/server/operations/version.ts'
import { rejoin as run, rejoinApart } from '../harness/rejoin.ts'

const ROOT = resolve(import.meta.dirname, '../..')

const rejoin = (...args: readonly string[]) => run(args)

/** Every command by its words, such as `import people`. */
function everyCommand(command = commandLine({}), words: readonly string[] = []): [string, Command][] {
  const below = command.commands.filter((each) => each.name() !== 'complete')
  if (below.length === 0) return [[words.join(' '), command]]
  return below.flatMap((each) => everyCommand(each, [...words, each.name()]))
}

function helpOf(command: Command): string {
  let help = ''
  command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp()
  return help
}

it('lists every command in its help, and what the exit codes say', async () => {
  const { code, out } = await rejoin('help')
  expect(code).toBe(0)
  expect(out).toContain('Exit codes: 0 done')
  for (const [words] of everyCommand()) expect(out).toContain(`\n  ${words.split(' ')[0]} `)
})

it.each(everyCommand())('says how to use rejoin %s', (words, command) => {
  expect(helpOf(command)).toContain(`Usage: rejoin ${words}`)
})

it.each(everyCommand().filter(([, { options }]) => options.some(({ long }) => long === '--data-dir')))(
  'shows rejoin %s by an example',
  (_words, command) => {
    expect(helpOf(command)).toMatch(/Examples:\n {2}(REJOIN_\S+ )?rejoin /)
  },
)

it('completes commands and flags, with what they do', async () => {
  expect((await rejoinApart(['complete', '--', ''])).out).toMatch(/^serve\trun the server$/m)
  expect((await rejoinApart(['complete', '--', 'import', ''])).out).toMatch(/^people\tadd people/m)
  expect((await rejoinApart(['complete', '--', 'doctor', '--'])).out).toMatch(/^--json\t/m)
})

it.each([
  { shell: 'bash', path: '/bin/bash' },
  { shell: 'zsh', path: '/usr/bin/zsh' },
  { shell: 'fish', path: '/usr/bin/fish' },
])('writes a completion script that $shell can read', async ({ shell, path }) => {
  const { code, out } = await rejoinApart(['complete', shell])
  expect(code).toBe(0)
  expect(out).toContain('rejoin complete --')
  if (existsSync(path)) execFileSync(path, ['-n'], { input: out })
})

it('prints the version of its package, as one JSON object where asked', async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'server/package.json'), 'utf8')) as { version: string }
  expect(readVersion().version).toBe(version)
  expect((await rejoin('--version')).out).toContain(`rejoin ${version} `)
  expect(JSON.parse((await rejoin('version', '--json')).out)).toMatchObject({ version })
})

it('guesses what a mistyped command was meant to be', async () => {
  const { code, errors } = await rejoin('serv')
  expect({ code, errors }).toMatchObject({ code: 1, errors: expect.stringContaining('(Did you mean serve?)') })
})

it('says in JSON as well why it did not do what a script asked for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
  try {
    const { code, out, errors } = await rejoin('doctor', '--json', '--data-dir', folder)
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ ok: false, error: { code: 'unavailable', hint: expect.any(String) } })
    expect(errors).toMatch(/^There is no database /)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

/** What an operator sees in a terminal: colour where it can be shown, and results that no progress bar has eaten. */
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeWorkspace } from '../harness/empty-workspace.ts'
import { ENVIRONMENT, MAIN } from '../harness/program/program.ts'
import { rejoin, rejoinApart } from '../harness/rejoin.ts'
import { csv, manyIncidents } from '../import/place.ts'

/** Of util-linux: runs a command in a terminal of its own. */
const HAS_TERMINAL = spawnSync('script', ['--version']).status === 0

let dir = ''
let dataDir = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'rejoin-terminal-'))
  dataDir = join(dir, 'data')
  makeWorkspace(dataDir)
})
afterAll(() => rmSync(dir, { recursive: true }))

/** All that the terminal got of standard output and standard error; a shell reads `further` after the command. */
function inTerminal(args: readonly string[], { env = {}, further = '' } = {}): Promise<string> {
  const command = [process.execPath, '--', MAIN, ...args].map((word) => `'${word}'`).join(' ')
  const variables = { ...ENVIRONMENT, TERM: 'xterm', ...env }
  return new Promise((resolve) => {
    const options = ['--quiet', '--return', '--command', `${command} ${further}`, '/dev/null']
    const child = execFile('script', options, { env: variables, cwd: dir }, (_error, out) => resolve(out))
    child.stdin?.end()
  })
}

/** The lines that stand in a terminal after it has got `output`, which clears lines and goes back in them. */
function screenOf(output: string): string[] {
  const lines = ['']
  let column = 0
  // eslint-disable-next-line no-control-regex -- The pattern is there to read them.
  for (const [part] of output.matchAll(/\u001B\[[0-9;?]*[A-Za-z]|[^]/g)) {
    const last = lines.at(-1) ?? ''
    if (part === '\n') lines.push('')
    if (part === '\n' || part === '\r' || part === '\u001B[1G' || part === '\u001B[0G') column = 0
    else if (part === '\u001B[K' || part === '\u001B[0K') lines[lines.length - 1] = last.slice(0, column)
    else if (part === '\u001B[2K') lines[lines.length - 1] = ''
    else if (part.length === 1) {
      lines[lines.length - 1] = last.padEnd(column).slice(0, column) + part + last.slice(column + 1)
      column += 1
    }
  }
  return lines.map((line) => line.trimEnd()).filter((line) => line !== '')
}

const GREEN = '\u001B[32mok     \u001B[39m database: '
const isColoured = (text: string) => stripVTControlCharacters(text) !== text
const doctor = () => ['doctor', '--data-dir', dataDir]

it('ends the doctor with a line that counts its findings, plain where it is read by a program', async () => {
  const { out } = await rejoin(doctor())
  const [last = ''] = out.trimEnd().split('\n').slice(-1)
  const [, ...counts] = /: (\d+) errors?, (\d+) warnings?, (\d+) notes?, (\d+) ok\.$/.exec(last) ?? []
  const kinds = ['error', 'warning', 'note', 'ok']
  const shown = kinds.map((kind) => String(out.split('\n').filter((line) => line.startsWith(`${kind} `)).length))
  expect(counts).toEqual(shown)
  expect(isColoured(out)).toBe(false)
})

it('colours it where the environment says so', async () => {
  const { out } = await rejoinApart(doctor(), { env: { FORCE_COLOR: '1' } })
  expect(out).toContain(GREEN)
})

describe('in a terminal', () => {
  beforeEach(({ skip }) => skip(!HAS_TERMINAL, 'there is no `script` of util-linux'))

  it('colours the findings of the doctor, unless NO_COLOR is set', async () => {
    const coloured = await inTerminal(doctor())
    expect(coloured).toContain(GREEN)
    const plain = await inTerminal(doctor(), { env: { NO_COLOR: '1' } })
    expect(isColoured(plain)).toBe(false)
    expect(plain).toMatch(/ \d+ ok\.\r\n$/)
  })

  it('shows how far an import is, and then its report without a trace of the bar', async () => {
    writeFileSync(join(dir, 'log.csv'), csv(manyIncidents(40)))
    const output = await inTerminal(['import', 'servicenow', 'log.csv', '--dry-run', '--data-dir', dataDir])
    expect(output).toMatch(/\d+% \| .* left/)
    const screen = screenOf(output)
    expect(screen.filter((line) => line.includes('% |'))).toEqual([])
    const { out } = await rejoin(['import', 'servicenow', 'log.csv', '--dry-run', '--data-dir', dataDir], { cwd: dir })
    const steady = (line: string) => line.replaceAll(/[\d.,]+ (ms|s)\b/g, 'a while')
    expect(screen.slice(1).map(steady)).toEqual(
      out
        .split('\n')
        .filter((line) => line !== '')
        .map(steady),
    )
  })

  it('shows how far a backup is, and then where it is', async () => {
    const to = join(dir, 'to')
    const output = await inTerminal(['backup', '--data-dir', dataDir, '--to', to], { further: '> result' })
    expect(output).toMatch(/\d+% \| .* left/)
    expect(screenOf(output)).toEqual([expect.stringMatching(/^(Settings: |No settings file)/)])
    expect(readFileSync(join(dir, 'result'), 'utf8')).toMatch(
      /^\/.*\/to\/rejoin-\w+\.tar\.zst: [\d,]+ bytes, .* checked\n$/,
    )
  })
})

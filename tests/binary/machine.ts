/** Runs the commands of a document, line by line, on a machine of its own (`machine.sh`) with the archive alone. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Customer } from './customer.ts'

/** Whether this machine lets its user make another within it. */
export const CAN_UNSHARE = spawnSync('unshare', ['--mount', '--net', 'ip', 'link']).status === 0

interface Session {
  readonly commands: readonly string[]
  /** What a person does after a command of the document, as its sentences say. */
  readonly byHand: Readonly<Record<string, string>>
  /** What the person has brought, by the name of the file. */
  readonly files?: Readonly<Record<string, string>>
}

/** Standard output and standard error, with each command after a `+`. A command that fails fails the test. */
export function runOnMachine(
  customer: Customer,
  { commands, byHand, files = {} }: Session,
): { stdout: string; stderr: string } {
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-machine-'))
  try {
    for (const line of Object.keys(byHand)) expect(commands).toContain(line)
    for (const [name, text] of Object.entries(files)) writeFileSync(join(customer.unpacked, name), text)
    const env = { PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: folder, LOG: join(folder, 'journal') }
    const args = ['--mount', '--net', 'bash', '-c', scriptOf(commands, byHand)]
    const { status, stdout, stderr } = spawnSync('unshare', args, { cwd: customer.unpacked, env, encoding: 'utf8' })
    expect({ status, stderr: status === 0 ? '' : stderr, stdout: status === 0 ? '' : stdout }).toEqual({
      status: 0,
      stderr: '',
      stdout: '',
    })
    return { stdout, stderr }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function scriptOf(commands: readonly string[], byHand: Session['byHand']): string {
  const steps = commands.flatMap((line) => {
    const command = line.replaceAll('BACKUP', '"$BACKUP"').replace(/^\.\/rejoin serve$/, 'try ./rejoin serve')
    return [
      `echo ${JSON.stringify(`+ ${line}`)}`,
      `echo ${JSON.stringify(`+ ${line}`)} >&2`,
      command,
      byHand[line] ?? ':',
    ]
  })
  return [readFileSync(join(import.meta.dirname, 'machine.sh'), 'utf8'), ...steps].join('\n')
}

/** The lines of a block of commands, without their comments. */
export function withoutComments(block: string): string[] {
  const lines = block.split('\n').map((line) => line.trim().replace(/\s+#.*$/, ''))
  return lines.filter((line) => line !== '' && !line.startsWith('#'))
}

/** The commands of INSTALL.md, which are its indented lines; or those between two, named by how they begin. */
export function commandsOfInstall(customer: Customer, part?: { from: string; until: string }): string[] {
  const text = readFileSync(join(customer.unpacked, 'INSTALL.md'), 'utf8')
  const lines = withoutComments([...text.matchAll(/^ {4}(\S.*)$/gm)].map(([, line = '']) => line).join('\n'))
  const commands = lines.filter((line) => !line.startsWith('|'))
  const at = (begin: string) => commands.findIndex((line) => line.startsWith(begin))
  return part === undefined ? commands : commands.slice(at(part.from), at(part.until))
}

/** The commands that the server's modules offer each other and its doors: those that a caller can reach are among them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { z } from 'zod'

const SERVER = resolve(import.meta.dirname, '../../server/src')

/** How a file makes a command. */
const MADE = /= (?:command|implement)\(/

interface Named {
  readonly name: string
  readonly input: z.ZodType
}

export async function offeredCommands(): Promise<Named[]> {
  const files = readdirSync(SERVER, { recursive: true, encoding: 'utf8' }).map((name) => join(SERVER, name))
  const declaring = files.filter((file) => file.endsWith('.ts') && MADE.test(readFileSync(file, 'utf8')))
  const modules = await Promise.all(declaring.map((file) => import(file) as Promise<Record<string, unknown>>))
  return modules.flatMap((module) => Object.values(module).filter(isCommand))
}

function isCommand(value: unknown): value is Named {
  return typeof value === 'object' && value !== null && 'run' in value && 'input' in value && 'name' in value
}

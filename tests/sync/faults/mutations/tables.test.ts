/** `pnpm test:mutations` takes too long for each change: here only that its tables still fit the program. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { CLOCK_MUTATIONS } from '../../../sla/mutations/clocks.ts'
import { SERVER_MUTATIONS } from '../../../sla/mutations/server.ts'
import { TIME_MUTATIONS } from '../../../sla/mutations/working-time.ts'
import { LAW_MUTATIONS } from './table.ts'

const ROOT = resolve(import.meta.dirname, '../../../..')
const MUTATIONS = [...LAW_MUTATIONS, ...SERVER_MUTATIONS, ...TIME_MUTATIONS, ...CLOCK_MUTATIONS]

it.each(MUTATIONS)('finds the line to break once in the program: $what', ({ file, line }) => {
  expect(readFileSync(join(ROOT, file), 'utf8').split(line)).toHaveLength(2)
})

it('names tests that are there', () => {
  const named = MUTATIONS.flatMap(({ test }) => test ?? [])
  expect(named.filter((test) => !existsSync(join(ROOT, test)))).toEqual([])
})

/** The forty checked cases of `vectors/sla.json`, key by key; `replay.test.ts` asks them on the command line. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { replayFile } from '@rejoin/server/slices/sla/engine/replay/replay.ts'

const FILE = resolve(import.meta.dirname, 'vectors/sla.json')

interface Case {
  readonly id: string
  readonly title: string
  readonly full: Readonly<Record<string, unknown>>
}

interface File {
  readonly vectors: readonly Case[]
}

const file = JSON.parse(readFileSync(FILE, 'utf8')) as File
const replayed = new Map(replayFile(file).map((each) => [each.id, each]))

it('has forty cases', () => {
  expect(file.vectors).toHaveLength(40)
})

it.each(file.vectors)('$id: $title', ({ id, full }) => {
  expect(replayed.get(id)).toEqual({ id, ...full })
})

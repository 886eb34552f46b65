/**
 * What every system starts from: made once (`make-fixture.ts`) and copied for every run. This file loads no Yjs, so that
 * the client process has the one of its system only.
 */
import { constants, cpSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Person } from './systems/system.ts'

export interface Shape {
  readonly people: number
  /** Each person's own, or everybody's when `shared`. */
  readonly tickets: number
  readonly shared?: boolean
}

export interface Fixture {
  readonly officeToken: string
  readonly people: readonly Person[]
}

const ROOT = join(tmpdir(), 'rejoin-bench-peers')

export function folderOf({ people, tickets, shared }: Shape): string {
  return join(ROOT, `${people}x${tickets}${shared === true ? '-shared' : ''}`)
}

/** Copies what a system starts from into `folder`: the files of the fixture that it names. */
export function copyFixture(shape: Shape, folder: string, files: readonly string[]): Fixture {
  const from = folderOf(shape)
  for (const file of files) {
    cpSync(join(from, file), join(folder, file), { recursive: true, mode: constants.COPYFILE_FICLONE })
  }
  return JSON.parse(readFileSync(join(from, 'fixture.json'), 'utf8')) as Fixture
}

export function dropFixtures(): void {
  rmSync(ROOT, { recursive: true, force: true })
}

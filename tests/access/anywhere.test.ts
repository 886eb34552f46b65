/** Calls that concern no particular ticket, by role: with the password alone, and with a second step. */
import { expect, it } from 'vitest'
import type { Role } from '@rejoin/shared/access/access.ts'
import { ANYWHERE_CALLS } from './anywhere.ts'
import { account, enrolled } from './callers.ts'
import { answerTo } from './procedures.ts'
import { letterOf, setStage, type Stage } from './stage.ts'
import { ANYWHERE, ROLES } from './table.ts'

type What = keyof typeof ANYWHERE

/** Asks under a session of its own: some of the calls end sessions. */
async function answerOf(stage: Stage, role: Role, what: What): Promise<string> {
  const { procedure, input, beyondRights } = ANYWHERE_CALLS[what]
  const { world, people } = stage
  const headers = { authorization: `Bearer ${await world.newToken(people[role].id)}` }
  const code = await answerTo(world.url, procedure, headers, await input?.(stage, role))
  return letterOf(null, code === 'done' || [beyondRights].flat().includes(code) ? null : code)
}

async function withSecondSteps(stage: Stage): Promise<Stage> {
  const people = { ...stage.people }
  for (const role of ROLES) {
    const credentials = await account(stage.world, role, role === 'admin' ? [] : [stage.home])
    const { token } = await enrolled(stage.world, credentials)
    people[role] = { ...people[role], id: credentials.id, token }
  }
  return { ...stage, people }
}

it.each([
  ['the password alone', async (stage: Stage) => stage],
  ['a second step', withSecondSteps],
])('settles what concerns no ticket by role alone, for people with %s', async (_name, prepare) => {
  const plain = await setStage()
  await using _world = plain.world
  const stage = await prepare(plain)
  const found: Record<string, Record<string, string>> = {}
  for (const what of Object.keys(ANYWHERE) as What[]) {
    const letters = []
    for (const role of ROLES) letters.push([role, await answerOf(stage, role, what)] as const)
    found[what] = Object.fromEntries(letters)
  }
  expect(found).toEqual(ANYWHERE)
})

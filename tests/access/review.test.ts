/** Who is shown parked work and who may decide about it, against the table written by hand. */
import { expect, it } from 'vitest'
import { v7 } from 'uuid'
import { exchangeByPost } from '../doors/exchange.ts'
import type { Person } from '../harness/world.ts'
import { callApi } from './doors.ts'
import { letterOf, setStage, ticketFor, type Stage } from './stage.ts'
import { RELATIONS, REVIEW, ROLES } from './table.ts'

/** A command of the desk that no rule lets through, and nobody but a person will decide about. */
async function parkOn({ world }: Stage, ticketId: string): Promise<string> {
  const desk = await world.desk()
  const command = { id: v7(), name: 'ticket.reopen', input: { ticketId } }
  const { verdicts } = await exchangeByPost(world.url, desk.token, [command])
  expect(verdicts).toMatchObject([{ outcome: 'parked' }])
  return command.id
}

async function answerTo({ world }: Stage, { api, token }: Person, what: keyof typeof REVIEW, commandId: string) {
  if (what === 'parked.list') {
    return (await api.parked.list.query()).some(({ id }) => id === commandId) ? 'y' : 'n'
  }
  const input = what === 'parked.reject' ? { commandId, reason: 'No.' } : { commandId }
  const code = await callApi(world.url, token, what, input)
  // The rules refuse the command itself, whoever approves it: who comes that far had the right to.
  return code === 'no-path' ? 'y' : letterOf(null, code)
}

it.each(Object.keys(REVIEW) as (keyof typeof REVIEW)[])('lets everybody %s what the table says', async (what) => {
  const stage = await setStage()
  await using _world = stage.world
  const found: Record<string, string> = {}
  for (const role of ROLES) {
    const letters: string[] = []
    for (const [column, relation] of RELATIONS.entries()) {
      if (REVIEW[what][role].split(' ')[column] === '-') {
        letters.push('-')
        continue
      }
      const commandId = await parkOn(stage, await ticketFor(stage, stage.people[role], relation))
      letters.push(await answerTo(stage, stage.people[role], what, commandId))
    }
    found[role] = letters.join(' ')
  }
  expect(found).toEqual(REVIEW[what])
})

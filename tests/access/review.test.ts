/** Who is shown parked and backdated work and who may decide about it, against the table written by hand. */
import { expect, it } from 'vitest'
import { v7 } from 'uuid'
import { DEFAULT_POLICY } from '@rejoin/server/slices/sla/engine/terms.ts'
import { headSeq, positionAt } from '../doors/database.ts'
import { CLOCK, exchangeByPost } from '../doors/exchange.ts'
import type { Person } from '../harness/world.ts'
import { callApi } from './doors.ts'
import { letterOf, setStage, ticketFor, type Stage } from './stage.ts'
import { RELATIONS, REVIEW, ROLES } from './table.ts'

const HOUR = 3_600_000

/** A command of the desk that no rule lets through, and nobody but a person will decide about. */
async function parkOn({ world }: Stage, ticketId: string): Promise<string> {
  const desk = await world.desk()
  const command = { id: v7(), name: 'ticket.reopen', input: { ticketId } }
  const { verdicts } = await exchangeByPost(world.url, desk.token, [command])
  expect(verdicts).toMatchObject([{ outcome: 'parked' }])
  return command.id
}

/** A note of the desk from so long ago that it counts from now, until somebody approves its time. */
async function backdateOn({ world }: Stage, ticketId: string): Promise<string> {
  const desk = await world.desk()
  const value = { ...DEFAULT_POLICY, maxBackdateHours: 1 }
  await desk.api.sla.policies.edit.mutate({ policyId: 'default', value, applyTo: 'open' })
  const seen = await headSeq(world.app)
  const place = await positionAt(world.app, seen)
  await world.advance(3 * HOUR)
  const input = { ticketId, commentId: v7(), body: 'Ordered', visibility: 'internal' }
  const command = { id: v7(), name: 'comment.add', input, seen, wall: CLOCK.wall - 2 * HOUR }
  const { verdicts } = await exchangeByPost(world.url, desk.token, [command], { place })
  expect(verdicts).toMatchObject([{ outcome: 'adjusted', code: 'backdated-too-far' }])
  return command.id
}

async function answerTo({ world }: Stage, { api, token }: Person, what: keyof typeof REVIEW, commandId: string) {
  if (what === 'parked.list' || what === 'parked.listBackdated') {
    const listed = what === 'parked.list' ? await api.parked.list.query() : await api.parked.listBackdated.query()
    return listed.some(({ id }) => id === commandId) ? 'y' : 'n'
  }
  const input = what === 'parked.reject' ? { commandId, reason: 'No.' } : { commandId }
  const code = await callApi(world.url, token, what, input)
  // The rules refuse the command itself for every approver: an answer from the rules proves the right to approve.
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
      const bring = what.endsWith('Backdated') ? backdateOn : parkOn
      const commandId = await bring(stage, await ticketFor(stage, stage.people[role], relation))
      letters.push(await answerTo(stage, stage.people[role], what, commandId))
    }
    found[role] = letters.join(' ')
  }
  expect(found).toEqual(REVIEW[what])
})

/** Every device command that an earlier version of the app has queued is still understood. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { SCHEMA_VERSION } from '@rejoin/shared/sync/upcast.ts'
import type { Batch } from '@rejoin/shared/sync/wire.ts'
import { startWorld } from '../../harness/world.ts'
import { changesSince, readFixture, VERSIONS, withoutCommand } from './fixtures.ts'
import { play, say, setStage } from './stage.ts'

it.each(VERSIONS)('does what the commands queued under schema %i were made for', async (version) => {
  await using world = await startWorld()
  const stage = await setStage(world)
  for (const stored of readFixture(version).commands) {
    const { verdict, ticket, meant } = await play(stage, version, stored)
    expect({ ...ticket, played: stored, verdict }).toMatchObject({ ...meant, verdict: { outcome: 'applied' } })
  }
})

it.each(VERSIONS)('has a stored command of schema %i for each name', (version) => {
  expect(withoutCommand(readFixture(version))).toEqual([])
})

it('has not changed what a command takes without saying so', () => {
  expect(changesSince(readFixture(SCHEMA_VERSION))).toEqual([])
})

it.each([
  { schema: 2, verdict: { outcome: 'applied' } },
  {
    schema: 3,
    verdict: {
      outcome: 'refused',
      code: 'invalid',
      message: expect.stringMatching(
        /^set\.skills\.0\.colour: unknown field; set\.colour: unknown field; colour: unknown field$/,
      ) as string,
    },
  },
])('drops fields that no command has where schema 2 was spoken, and names them since: $schema', async (row) => {
  await using world = await startWorld()
  const stage = await setStage(world)
  const { id: ticketId } = await world.ticket({ assignee: stage.sam })
  const skills = [{ name: 'laser', level: 2, colour: 'red' }]
  const input = { ticketId, colour: 'red', set: { title: 'Scanner', colour: 'red', skills } }
  const answer = await say(stage, row.schema, [{ name: 'ticket.edit', input }])
  expect((answer as Batch).verdicts).toMatchObject([row.verdict])
})

it('is told of each version in docs/wire.md', () => {
  const page = readFileSync(new URL('../../../docs/wire.md', import.meta.url), 'utf8')
  const versions = [...page.matchAll(/^\| (\d{1,2}) \|/gm)].map(([, version]) => Number(version))
  expect(versions).toEqual(VERSIONS)
})

it('takes a command of schema 2 that has a field of another one', async () => {
  await using world = await startWorld()
  const stage = await setStage(world)
  const { id: ticketId } = await world.ticket({ assignee: stage.sam })
  const input = { ticketId, tag: 'north', set: { title: 'Scanner' } }
  const answer = await say(stage, 2, [{ name: 'ticket.tag', input }])
  expect((answer as Batch).verdicts).toMatchObject([{ outcome: 'applied' }])
})

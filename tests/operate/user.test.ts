/** What the operator does for people where mail does not arrive. */
import { expect, it } from 'vitest'
import { handOutReset } from '@rejoin/server/slices/accounts/passwords/reset.ts'
import { SYSTEM_ID } from '@rejoin/server/core/ids.ts'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { rowsOnDisk } from '../harness/database.ts'
import { codeOf } from '../harness/refused.ts'
import { rejoin } from '../harness/rejoin.ts'
import { startWorld } from '../harness/world.ts'

const NEW = 'staple and a paper clip'
const AS_SYSTEM = { actorId: SYSTEM_ID }

it('hands out a link for a new password that works once, and tells the audit log', async () => {
  await using world = await startWorld()
  await world.person('ada', 'agent')
  const email = 'ada@example.com'
  const { output } = await world.app.commits.commitOrThrow(handOutReset, { email }, AS_SYSTEM)
  const { accounts } = connectApi(world.url)
  const reset = () => codeOf(accounts.resetPassword.mutate({ token: output.token, password: NEW }))
  expect(await reset()).toBe('done')
  expect(await codeOf(accounts.logIn.mutate({ email, password: NEW }))).toBe('done')
  expect(await reset()).toBe('bad-link')
  const told = rowsOnDisk(world.dataDir, `select type from audit where type like 'password-reset%' order by number`)
  expect(told.map(({ type }) => type)).toEqual(['password-reset-handed-out', 'password-reset'])
})

it('hands out none for a disabled account', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const ada = await world.person('ada', 'agent')
  await api.accounts.disable.mutate({ userId: ada.id })
  const asked = world.app.commits.commitOrThrow(handOutReset, { email: 'ada@example.com' }, AS_SYSTEM)
  await expect(asked).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('disabled') })
})

it('prints the link from the command line, and names nobody who is not there', async () => {
  await using world = await startWorld()
  await world.person('ada', 'agent')
  const copy = await world.backup()
  const printed = await rejoin(['user', 'reset-password', 'ada@example.com', '--data-dir', copy], {
    env: { REJOIN_PUBLIC_URL: 'https://help.example.com' },
  })
  expect(printed).toMatchObject({
    code: 0,
    out: expect.stringMatching(
      /^ada@example\.com can set a new password .*\n\n {2}https:\/\/help\.example\.com\/reset-password#\S+\n\n$/,
    ),
  })
  const unknown = await rejoin(['user', 'reset-password', 'eve@example.com', '--data-dir', copy])
  expect(unknown).toMatchObject({ code: 1, errors: 'No account has the address eve@example.com. Check the address.\n' })
}, 60_000)

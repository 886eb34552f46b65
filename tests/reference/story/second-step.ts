/** The second step: set up, answered, required of a role, and taken away from somebody who lost it. */
import { appOf } from '../../accounts/second-step.ts'
import { hire, PASSWORD, signIn, withToken, type Scene } from './scene.ts'

/** No code of an app counts twice. */
const NEXT_CODE_MS = 60_000

export async function secondStep(scene: Scene): Promise<void> {
  const { world } = scene.office
  const app = appOf(world)
  const code = async () => {
    await world.advance(NEXT_CODE_MS)
    return app.code()
  }
  const hal = await hire(scene, 'Hal', 'agent')
  await hal.api.accounts.mfa.status.query()
  const begun = await hal.api.accounts.mfa.begin.mutate({ password: PASSWORD })
  app.take(begun.output.secret)
  const confirmed = await hal.api.accounts.mfa.confirm.mutate({ code: await code() })
  await withToken(scene, confirmed.output).accounts.mfa.renewRecoveryCodes.mutate({ code: await code() })
  const first = (await signIn(scene, 'Hal')).output
  const answered = await scene.anybody.accounts.mfa.answer.mutate({ token: first.token, code: await code() })
  const again = (await signIn(scene, 'Hal')).output
  await scene.page.accounts.mfa.answerByCookie.mutate({ token: again.token, code: await code() })
  await withToken(scene, answered.output).accounts.mfa.disable.mutate({ code: await code() })
}

export async function requiredStep(scene: Scene): Promise<void> {
  const { olga, anybody, page, office } = scene
  const [ivo, jan] = [await hire(scene, 'Ivo', 'requester'), await hire(scene, 'Jan', 'requester')]
  await olga.accounts.mfa.require.mutate({ role: 'requester', graceDays: 0 })
  // Until the job has ended the sessions that began without one.
  await office.world.advance(NEXT_CODE_MS)
  for (const [name, isPage] of [
    ['Ivo', false],
    ['Jan', true],
  ] as const) {
    const app = appOf(office.world)
    const { token } = (await signIn(scene, name)).output
    const { output } = await anybody.accounts.mfa.beginRequired.mutate({ token })
    app.take(output.secret)
    await office.world.advance(NEXT_CODE_MS)
    if (isPage) await page.accounts.mfa.confirmRequiredByCookie.mutate({ token, code: app.code() })
    else await anybody.accounts.mfa.confirmRequired.mutate({ token, code: app.code() })
  }
  await olga.accounts.mfa.require.mutate({ role: 'requester', graceDays: null })
  for (const { id } of [ivo, jan]) await olga.accounts.mfa.reset.mutate({ userId: id })
}

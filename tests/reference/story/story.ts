/** One story in which every procedure is called, as often as it takes. */
import { startMailedWorld } from '../../harness/mailed-world.ts'
import type { Examples } from '../page/page.ts'
import { Recorder } from '../recorder.ts'
import { apiTokens, otherPeople, ownAccount } from './accounts.ts'
import { calendars, policies } from './agreements.ts'
import { clocks } from './clocks.ts'
import { demo, restore } from './elsewhere.ts'
import { field } from './field.ts'
import { invitations, registration } from './sign-up.ts'
import { audit, mail, notifications } from './messages.ts'
import { begin, hire } from './scene.ts'
import { requiredStep, secondStep } from './second-step.ts'
import { work } from './tickets.ts'

const HOUR = 3_600_000

/** The first call of each procedure that succeeded. */
export async function tellStory(): Promise<Examples> {
  const recorder = new Recorder()
  await demo(recorder)
  await restore(recorder)
  await using office = await startMailedWorld()
  const { world } = office
  /** Each part begins with an hour, so that one that grows leaves the times of the others as they are. */
  const tell = async <Result>(part: () => Promise<Result>): Promise<Result> => {
    await world.advance(HOUR - (world.clock.now() % HOUR))
    return part()
  }
  const scene = await tell(() => begin(office, recorder))
  await tell(() => ownAccount(scene))
  await tell(() => apiTokens(scene))
  await tell(() => otherPeople(scene))
  await tell(() => invitations(scene))
  await tell(() => registration(scene))
  await tell(() => secondStep(scene))
  await tell(() => requiredStep(scene))
  const crew = {
    ada: await hire(scene, 'Ada', 'agent'),
    bob: await hire(scene, 'Bob', 'agent'),
    sue: await hire(scene, 'Sue', 'supervisor'),
    rita: await hire(scene, 'Rita', 'requester'),
  }
  const calendarId = await tell(() => calendars(scene))
  await tell(() => policies(scene, calendarId))
  await tell(() => work(scene, crew))
  await tell(() => clocks(scene, crew))
  await tell(() => field(scene, crew))
  await tell(() => notifications(crew))
  await tell(() => mail(scene))
  await tell(() => audit(scene))
  return recorder.examples
}

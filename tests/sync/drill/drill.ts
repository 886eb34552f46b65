/**
 * The restore drill: back up, let everybody work, put the old file back, let everybody rejoin, and look whether all that
 * the devices had been told of is there again, once, and whether the recovery report says so.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { openApp } from '@rejoin/server/app.ts'
import { testConfig } from '../../harness/config.ts'
import { copyDatabase, verdictsOnDisk } from '../../harness/database.ts'
import { checkLaws } from '../../harness/laws.ts'
import { randomFrom } from '../../harness/random.ts'
import { foundOffice, type Office, type Staff } from '../faults/office.ts'
import { SiteInItsOwnProcess, SiteInProcess, type Site } from '../faults/site.ts'
import { acknowledgedBy, audit, type Audit } from './audit.ts'
import { openCrew, rejoin, workOn, type Worker } from './crew.ts'
import { drivenPace, realPace, type Pace } from './pace.ts'

export interface Plan {
  readonly devices: number
  readonly minutes: number
  readonly seed: number
  /** In real time against a server in a process of its own, where Node keeps the program; else driven, and in this one. */
  readonly cacheDir: string | null
}

export interface Outcome extends Audit {
  /** What waited on devices when the server went down, and is decided now. */
  readonly waited: number
  readonly waiting: number
  /** The newest entry of `sync.recoveries`. */
  readonly report: Report
}

export type Report = Pick<Audit['again'], 'parked' | 'refused'> & {
  readonly devices: number
  readonly offered: number
  readonly recovered: number
  readonly known: number
}

/** Each device does something this often, on average. */
const ROUND_MS = 3000

export async function drill(plan: Plan): Promise<Outcome> {
  const root = mkdtempSync(join(tmpdir(), 'rejoin-drill-'))
  try {
    return await play(plan, root)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

async function play({ devices, minutes, seed, cacheDir }: Plan, root: string): Promise<Outcome> {
  const random = randomFrom(seed)
  const pace = cacheDir === null ? drivenPace() : realPace()
  const office = await foundOffice(join(root, '0'), pace.clock.now, { staff: staffOf(devices) })
  await using site =
    cacheDir === null
      ? await SiteInProcess.start(root, pace.clock, {})
      : await SiteInItsOwnProcess.start(root, cacheDir, {})
  const crew = await openCrew(site.url, office, pace, random)
  const copy = join(root, 'backup')
  mkdirSync(copy)
  await site.backUp(copy)

  const endAt = pace.now() + minutes * 60_000
  while (pace.now() < endAt) {
    for (const worker of crew) {
      await workOn(worker, office, random)
      await pace.pass(ROUND_MS / devices)
    }
  }
  const lost = await restore(site, copy, crew)
  await rejoin(crew, pace)
  const report = await reportOf(site, office)
  const waiting = waitingOn(crew)
  await site.stop()
  await checkEverything(site, crew, pace)
  return { ...audit(site.dataDir, lost.acknowledged, verdictsOnDisk(copy)), waited: lost.waited, waiting, report }
}

/** Every device holds what the database has, and that is consistent. */
async function checkEverything({ dataDir }: Site, crew: readonly Worker[], { clock }: Pace): Promise<void> {
  const app = await openApp(testConfig(dataDir), { now: clock.now })
  try {
    await checkLaws(
      app,
      crew.map(({ device, member }) => Object.assign(device, { person: member })),
    )
  } finally {
    await app.close()
    for (const { device } of crew) await device.close()
  }
}

function staffOf(devices: number): Staff {
  const agents = Array.from({ length: devices }, (_, index) => [`agent-${index}`, 'agent', [index % 2]] as const)
  return [['office', 'admin', []], ...agents]
}

/** What the devices know at the moment at which the server is gone is what they can bring back. */
async function restore(site: Site, copy: string, crew: readonly Worker[]) {
  let before = { acknowledged: new Set<string>(), waited: 0 }
  await site.crash({
    hangUp: () => undefined,
    whileDown: async (dataDir) => {
      copyDatabase(copy, dataDir)
      before = { acknowledged: acknowledgedBy(crew), waited: waitingOn(crew) }
    },
  })
  return before
}

function waitingOn(crew: readonly Worker[]): number {
  return crew.reduce((sum, { device }) => sum + device.pending().length, 0)
}

async function reportOf({ url }: Site, { members }: Office): Promise<Report> {
  const desk = members.find(({ role }) => role === 'admin')
  const [newest] = await connectApi(url, desk?.token).sync.recoveries.query()
  if (newest === undefined) throw new Error('there is no recovery report')
  const { devices, offered, recovered, parked, refused, known } = newest
  return { devices: devices.length, offered, recovered, parked, refused, known }
}

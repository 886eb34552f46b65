/** The alerts for Prometheus and the dashboard for Grafana: they name what there is, and alerts fire when they say so. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { startWorld, type World } from '../harness/world.ts'
import { evaluate, nodesOf, secondsOf } from './prometheus/evaluate.ts'
import { Scrapes } from './prometheus/series.ts'

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly action: string }
}

const read = (name: string) => readFileSync(join(import.meta.dirname, '../../docs/operations', name), 'utf8')
const { groups } = parse(read('alerts.yml')) as { groups: { rules: Rule[] }[] }
const RULES = groups.flatMap(({ rules }) => rules)

/** With it there is every job. */
const BACKUP = { folder: '', schedule: '0 30 2 * * *', keep: 1, recipient: null }

const MINUTE = 60
const HOUR = 3600
const GIGABYTE = 1e9

function ruleOf(name: string): Rule {
  const rule = RULES.find(({ alert }) => alert === name)
  if (rule === undefined) throw new Error(`there is no alert ${name}`)
  return rule
}

/** Whether it fires: its expression has yielded something for as long as it says, by a look each minute. */
function fires(name: string, scrapes: Scrapes, at: number): boolean {
  const { expr, for: during = '0s' } = ruleOf(name)
  for (let look = at - secondsOf(during); look <= at; look += MINUTE) {
    if (evaluate(expr, scrapes, look).length === 0) return false
  }
  return true
}

async function scrape(world: World, scrapes: Scrapes): Promise<void> {
  scrapes.take(world.clock.now() / 1000, (await world.app.metrics.text()).body)
}

/** What the dashboard asks, with a range in place of the one that Grafana chooses. */
function panelExpressions(): string[] {
  const { panels } = JSON.parse(read('grafana-dashboard.json')) as { panels: { targets?: { expr: string }[] }[] }
  const targets = panels.flatMap((panel) => panel.targets ?? [])
  return targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m'))
}

it('asks in PromQL, in alerts and on the dashboard, for figures, labels and tasks that there are', async () => {
  await using world = await startWorld({ settings: { backup: BACKUP } })
  await world.agents('ada')
  await fetch(`${world.url}/healthz`)
  world.app.metrics.overloads.inc({ reason: 'queue' })
  const { body } = await world.app.metrics.text()
  const figures = new Set(['up', ...[...body.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name)])
  const labels = new Set(['job', ...[...body.matchAll(/[{,](\w+)="/g)].map(([, name = '']) => name)])
  const tasks = new Set(world.app.jobs.states().map(({ name }) => name))
  const expressions = [...RULES.map(({ expr }) => expr), ...panelExpressions()]
  expect(expressions.length).toBeGreaterThan(RULES.length + 10)
  for (const expr of expressions) {
    const nodes = nodesOf(expr)
    const textsOf = (kind: string) => nodes.filter((node) => node.kind === kind).map(({ text }) => text)
    const ofTasks = textsOf('UnquotedLabelMatcher').filter((text) => text.startsWith('task'))
    const unknown = {
      figures: textsOf('Identifier').filter((name) => !figures.has(name.replace(/_(bucket|sum|count)$/, ''))),
      labels: textsOf('LabelName').filter((name) => !labels.has(name)),
      tasks: ofTasks.flatMap((text) => text.match(/[\w-]+(?=[|"])/g) ?? []).filter((task) => !tasks.has(task)),
    }
    expect({ expr, ...unknown }).toEqual({ expr, figures: [], labels: [], tasks: [] })
    expect(textsOf('Identifier')).not.toEqual([])
  }
})

it.each(RULES)('says of $alert who is called, what it is and what to do', ({ labels, annotations }) => {
  expect(labels.severity).toMatch(/^(page|ticket)$/)
  expect(annotations).toEqual({ summary: expect.stringMatching(/\.$/), action: expect.stringMatching(/\.$/) })
})

it('is silent about a server that is well, but for a backup where there is none', async () => {
  await using world = await startWorld()
  const scrapes = new Scrapes()
  for (let minute = 0; minute < 70; minute += 5) {
    await scrape(world, scrapes)
    await world.advance(5 * MINUTE * 1000)
  }
  await scrape(world, scrapes)
  const at = world.clock.now() / 1000
  scrapes.add({ name: 'up', labels: { job: 'rejoin' }, points: [{ at, value: 1 }] })
  expect(RULES.filter(({ alert }) => fires(alert, scrapes, at)).map(({ alert }) => alert)).toEqual(['RejoinNoBackup'])
})

it('tells of a daily job that has failed until it has run again, and not of one that runs each minute and failed once', async () => {
  await using world = await startWorld()
  const scrapes = new Scrapes()
  const broken = new Set(['daily', 'minutely'])
  const run = (name: string) => () =>
    broken.has(name) ? Promise.reject(new Error('It is broken.')) : Promise.resolve()
  const startsAt = world.clock.now()
  const at = new Date(startsAt + HOUR * 1000)
  world.app.jobs.add('daily', `0 ${at.getUTCMinutes()} ${at.getUTCHours()} * * *`, run('daily'))
  world.app.jobs.add('minutely', '0 * * * * *', run('minutely'))
  /** Which tasks the alert tells of, after some minutes more. */
  const after = async (minutes: number) => {
    for (let minute = 0; minute < minutes; minute += 1) {
      await world.advance(MINUTE * 1000)
      await scrape(world, scrapes)
      broken.delete('minutely')
    }
    const told = evaluate(ruleOf('RejoinJobFails').expr, scrapes, world.clock.now() / 1000)
    return told.map(({ labels }) => labels['task'])
  }
  await scrape(world, scrapes)
  expect(await after(58)).toEqual([])
  expect(await after(15)).toEqual(['daily'])
  await world.advance(12 * HOUR * 1000)
  expect(await after(2)).toEqual(['daily'])
  broken.delete('daily')
  await world.advance(11.5 * HOUR * 1000)
  expect(await after(20)).toEqual([])
})

it('tells of what runs each minute and fails again and again', async () => {
  await using world = await startWorld()
  const scrapes = new Scrapes()
  world.app.jobs.add('minutely', '0 * * * * *', () => Promise.reject(new Error('It is broken.')))
  for (let minute = 0; minute < 5; minute += 1) {
    await scrape(world, scrapes)
    await world.advance(MINUTE * 1000)
  }
  await scrape(world, scrapes)
  expect(fires('RejoinJobFails', scrapes, world.clock.now() / 1000)).toBe(true)
})

/** `levelAt`: free gigabytes by hours. */
const DISKS: readonly { what: string; levelAt: (hour: number) => number; hours: number; isTold: boolean }[] = [
  { what: 'a steady one', levelAt: () => 50, hours: 8, isTold: false },
  { what: 'one that will be full in half a day', levelAt: (hour) => 50 - 3 * hour, hours: 5, isTold: true },
  { what: 'one that will be full in three days', levelAt: (hour) => 80 - hour, hours: 7, isTold: false },
  {
    what: 'one that is written to for some minutes after a start',
    levelAt: (hour) => 50 - 30 * hour,
    hours: 0.4,
    isTold: false,
  },
  { what: 'one on which a large backup is made', levelAt: (hour) => (hour > 7 ? 35 : 50), hours: 7.3, isTold: false },
  { what: 'one with less than a gigabyte', levelAt: () => 0.9, hours: 0.5, isTold: true },
]

it.each(DISKS)('of a disk: $what (told: $isTold)', ({ levelAt, hours, isTold }) => {
  const scrapes = new Scrapes()
  const minutes = Array.from({ length: hours * 60 + 1 }, (_, minute) => minute)
  const points = minutes.map((minute) => ({ at: minute * MINUTE, value: levelAt(minute / 60) * GIGABYTE }))
  scrapes.add({ name: 'rejoin_disk_free_bytes', labels: {}, points })
  expect(fires('RejoinDiskFillsUp', scrapes, hours * HOUR)).toBe(isTold)
})

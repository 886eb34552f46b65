/** What an operator reads at /metrics after a day whose events are known. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { exchangeByPost } from '../doors/exchange.ts'
import { startWorld, until } from '../harness/world.ts'

async function scrape(url: string): Promise<Map<string, number>> {
  const response = await fetch(`${url}/metrics`)
  expect(response.headers.get('content-type')).toContain('text/plain')
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
}

it('counts devices, frames, catch-ups and verdicts', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const { id: ticketId } = await world.ticket()
  const [ada] = await world.agents('ada')
  const before = await scrape(world.url)
  const more = async (name: string) => ((await scrape(world.url)).get(name) ?? 0) - (before.get(name) ?? 0)
  expect(before.get('rejoin_devices_connected')).toBe(1)
  expect(before.get('rejoin_catch_ups_total{mode="whole"}')).toBe(1)

  await desk.api.tickets.comment.mutate({ ticketId, commentId: v7(), body: 'Hurry' })
  await until(ada, () => ada.view(ticketId)?.comments.length === 1)
  expect(await more('rejoin_catch_ups_total{mode="live"}')).toBe(1)
  expect(await more('rejoin_frames_total{kind="batch",direction="out"}')).toBe(1)
  expect(await more('rejoin_frame_bytes_total{kind="batch",direction="out"}')).toBeGreaterThan(50)
  expect(await more('rejoin_verdicts_total{outcome="applied",code=""}')).toBe(1)
  expect(await more('rejoin_commit_batch_seconds_count')).toBe(1)
  expect(await more('rejoin_commit_sync_seconds_count')).toBe(1)
  expect(await more('rejoin_commit_batch_commands_sum')).toBe(1)

  await ada.rejoin()
  expect(await more('rejoin_catch_ups_total{mode="nothing"}')).toBe(1)
  expect(await more('rejoin_exchanges_total{door="socket"}')).toBe(1)
  await exchangeByPost(world.url, ada.person.token, [{ name: 'gossip', input: {} }])
  expect(await more('rejoin_exchanges_total{door="http"}')).toBe(1)
  expect(await more('rejoin_verdicts_total{outcome="refused",code="unknown-command"}')).toBe(1)

  const after = await scrape(world.url)
  expect(after.get('rejoin_documents_in_memory')).toBe(1)
  expect(after.get('rejoin_commit_queue_commands')).toBe(0)
  expect(after.get('process_resident_memory_bytes')).toBeGreaterThan(0)
})

it('says how long the oldest command of a device had waited, and names no person', async () => {
  await using world = await startWorld()
  const { id: ticketId } = await world.ticket()
  const [ada] = await world.agents('ada')
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.comment({ ticketId, body: 'Offline' })
  await world.advance(3_600_000)
  await ada.rejoin()
  await world.advance(10_000)
  const figures = await scrape(world.url)
  const waits = [...figures].filter(([name]) => name.startsWith('rejoin_device_oldest_pending_seconds'))
  expect(waits.map(([, seconds]) => seconds)).toEqual([3600])
  const names = [...figures.keys()].join('\n')
  for (const secret of [ada.person.id, ada.person.token, 'ada', ticketId]) expect(names).not.toContain(secret)
})

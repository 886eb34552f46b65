/** A server whose clock is wrong for a while, and then right again. */
import { TRPCClientError } from '@trpc/client'
import type { AppRouter } from '@rejoin/server/router.ts'
import { rowsOnDisk, type Row } from '../harness/database.ts'
import type { World } from '../harness/world.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** Acts in the middle of seven seconds in which the server's clock is `aheadMs` ahead, or back. */
export async function whileWrong<Result>(
  world: World,
  aheadMs: number,
  act: () => Promise<Result>,
  lastsMs = 7000,
): Promise<Result> {
  world.setServerClock(aheadMs)
  await world.advance(3000)
  const result = await act()
  await world.advance(lastsMs - 3000)
  world.setServerClock(0)
  await world.advance(1000)
  return result
}

/** Lets time pass in small steps, with every job in its turn. */
export async function pass(world: World, ms: number, stepMs = 30_000): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) await world.advance(Math.min(left, stepMs))
}

/** After how many ms the caller may ask again; 0 if the call was let in, or refused for another reason. */
export async function waitOf(answer: Promise<unknown>): Promise<number> {
  try {
    await answer
    return 0
  } catch (error) {
    const data = error instanceof TRPCClientError ? (error as TRPCClientError<AppRouter>).data : undefined
    return data?.retryAfter ?? 0
  }
}

export function rows(world: World, query: string): Row[] {
  return rowsOnDisk(world.dataDir, query)
}

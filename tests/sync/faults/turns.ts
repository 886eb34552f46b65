/** The event loop as the schedule uses it: instead of sleeping, a run lets a number of turns go by. */

export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

export async function turns(count: number): Promise<void> {
  for (let each = 0; each < count; each += 1) await turn()
}

/** What a dead process never does. */
export async function never(): Promise<never> {
  return new Promise(() => undefined)
}

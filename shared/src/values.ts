/** The values that every noun shares: ids and instants. */
import { z } from 'zod'

export const Id = z.uuid()

/** Epoch milliseconds, UTC. */
export const Instant = z.int().min(0).max(8_640_000_000_000_000)

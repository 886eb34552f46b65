/** Values that every part of the product uses. */
import { z } from 'zod'

export const Id = z.uuid()

/** Epoch milliseconds, UTC. */
export const Instant = z.int().min(0).max(8_640_000_000_000_000)

/** Where a device keeps what it must not lose. One store belongs to one device of one person on one server. */

export interface StoreWrite {
  readonly put: readonly (readonly [key: string, value: unknown])[]
  readonly delete: readonly string[]
}

/**
 * Keys with structured-cloneable values. A device opens, reads and writes it from one place at a time: an
 * implementation that can be opened twice refuses the second opening.
 */
export interface Store {
  /** Opens the store and reads all of it. May be called again after `close`. */
  load(): Map<string, unknown> | Promise<Map<string, unknown>>
  /** Makes all of `write` durable, or nothing of it and throws. The device never has two writes under way. */
  write(write: StoreWrite): void | Promise<void>
  close(): void | Promise<void>
}

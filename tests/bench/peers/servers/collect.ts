/** Loaded before each server: collects garbage on a signal, for measurements of memory. */
process.on('SIGUSR2', () => globalThis.gc?.())

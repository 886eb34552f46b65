/** Loaded before each server: drops what is garbage when it is told to, for measurements of memory. */
process.on('SIGUSR2', () => globalThis.gc?.())

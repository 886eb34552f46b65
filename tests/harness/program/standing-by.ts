/**
 * `server/src/main.ts` in a process that a test starts ahead of need: loads the program, then waits for a line on stdin,
 * so that starting the server costs the test only what it does with its data. It ends with its parent.
 */
import { flushCompileCache } from 'node:module'
import { runCommandLine } from '@rejoin/server/cli/program.ts'

flushCompileCache()
process.stdout.write('standing by\n')
// For measurements of memory; needs --expose-gc.
process.on('SIGUSR2', () => globalThis.gc?.())
process.stdin.once('data', () => {
  process.stdin.once('end', () => process.exit())
  if ('unref' in process.stdin) process.stdin.unref()
  void runCommandLine(process.argv, process.env).then((exitCode) => {
    process.exitCode = exitCode
  })
})

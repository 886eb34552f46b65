/** `server/src/main.ts` without an `await` of its own, which a bundle of CommonJS cannot have. */
import { runCommandLine } from '@rejoin/server/cli/program.ts'

// What hangs without anything left to wait for ends with the code that Node gives it in a module.
process.exitCode = 13
void runCommandLine(process.argv, process.env).then((exitCode) => {
  process.exitCode = exitCode
})

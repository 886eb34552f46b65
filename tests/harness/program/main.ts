/** `server/src/main.ts` without an `await` of its own, which a bundle of CommonJS cannot have. */
import { runCommandLine } from '@rejoin/server/cli/program.ts'

void runCommandLine(process.argv, process.env).then((exitCode) => {
  process.exitCode = exitCode
})

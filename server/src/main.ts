/** The program: hands the command line and the environment to `cli/program.ts`, and ends with its exit code. */
import { runCommandLine } from './cli/program.ts'

process.exitCode = await runCommandLine(process.argv, process.env)

/** One run of one scenario on one system, in a process of its own: `run.ts <scenario> <system>`. Prints its figures. */
import { findSystem, getScenario } from './scenarios/scenarios.ts'

// The end of this process ends its server with it.
process.once('SIGTERM', () => process.exit(1))

const [scenario = '', system = ''] = process.argv.slice(2)
const figures = await getScenario(scenario).run(await findSystem(system))
console.log(JSON.stringify(figures))
process.exit(0)

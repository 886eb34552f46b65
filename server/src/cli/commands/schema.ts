import type { AddCommand } from '../options.ts'
import { printSchema } from '../schema.ts'

export const addSchema: AddCommand = (program) => {
  program
    .command('schema')
    .description('print the schema that the migrations make, as SQL')
    .action(async () => void process.stdout.write(await printSchema()))
}

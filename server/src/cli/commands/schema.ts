import type { AddCommand } from '../options.ts'
import { printSchema } from '../schema.ts'
import { print } from '../../core/runtime/terminal.ts'

export const addSchema: AddCommand = (program) => {
  program
    .command('schema')
    .description('print the database schema as SQL')
    .action(async () => print(await printSchema()))
}

import { migrateData, type MigrateOptions } from '../migrate-data.ts'
import { configOf, withDataDir, withExamples, withJson, type AddCommand, type DataDirOption } from '../options.ts'

export const addMigrate: AddCommand = (program, environment) => {
  const command = program
    .command('migrate')
    .description('back up the database, then upgrade it to the schema of this version; "serve" does the same')
    .option('--dry-run', 'list the pending migrations; change nothing')
  withExamples(withJson(withDataDir(command)), {
    'rejoin migrate --dry-run': 'lists the pending migrations; the old server may run',
  }).action((options: MigrateOptions & DataDirOption) => migrateData(configOf(environment, options), options))
}

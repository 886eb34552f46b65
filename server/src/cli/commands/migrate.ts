import { migrateData, type MigrateOptions } from '../migrate-data.ts'
import { configOf, withDataDir, withExamples, withJson, type AddCommand, type DataDirOption } from '../options.ts'

export const addMigrate: AddCommand = (program, environment) => {
  const command = program
    .command('migrate')
    .description('bring the database to the schema of this program, after a backup; "serve" does so as well')
    .option('--dry-run', 'only say which steps there are')
  withExamples(withJson(withDataDir(command)), {
    'rejoin migrate --dry-run': 'what an upgrade would do, also while the server of before runs',
  }).action(async (options: MigrateOptions & DataDirOption) => migrateData(configOf(environment, options), options))
}

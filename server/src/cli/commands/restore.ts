import type { RestoreOptions } from '../restore.ts'
import { configOf, withDataDir, withExamples, withJson, type AddCommand, type DataDirOption } from '../options.ts'

export const addRestore: AddCommand = (program, environment) => {
  const command = program
    .command('restore <file>')
    .description('make a data directory from a backup, where there is none')
    .option('--verify', 'only check that it could be restored, and write nothing')
    .option('--identity <file>', 'a file with the secret key of age that opens it')
    .option('--passphrase-file <file>', 'a file whose first line is the passphrase that opens it')
  withExamples(withJson(withDataDir(command)), {
    'rejoin restore rejoin-20261128T023000Z.tar.zst --verify': 'checks every hash, opens the database, tries all of it',
    'rejoin restore rejoin-20261128T023000Z.tar.zst --data-dir /var/lib/rejoin': 'restores it; then start the server',
  }).action(async (file: string, options: RestoreOptions & DataDirOption) => {
    const { restore } = await import('../restore.ts')
    await restore(configOf(environment, options), file, options)
  })
}

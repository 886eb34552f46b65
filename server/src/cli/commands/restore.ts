import type { RestoreOptions } from '../restore.ts'
import { configOf, withDataDir, withExamples, withJson, type AddCommand, type DataDirOption } from '../options.ts'

export const addRestore: AddCommand = (program, environment) => {
  const command = program
    .command('restore <file>')
    .description('restore a backup into a new or empty data directory')
    .option('--verify', 'check that the backup can be restored; change nothing')
    .option('--identity <file>', 'file with the age secret key that decrypts the backup')
    .option('--passphrase-file <file>', 'file whose first line is the passphrase that decrypts the backup')
  withExamples(withJson(withDataDir(command)), {
    'rejoin restore rejoin-20261128T023000Z.tar.zst --verify':
      'verifies every hash, opens the database and tries the whole restore',
    'rejoin restore rejoin-20261128T023000Z.tar.zst --data-dir /var/lib/rejoin':
      'restores the backup; then start the server',
  }).action(async (file: string, options: RestoreOptions & DataDirOption) => {
    const { restore } = await import('../restore.ts')
    await restore(configOf(environment, options), file, options)
  })
}

import { InvalidArgumentError } from 'commander'
import type { BackUpOptions } from '../back-up.ts'
import { configOf, withDataDir, withExamples, withJson, type AddCommand, type DataDirOption } from '../options.ts'

export const addBackup: AddCommand = (program, environment) => {
  const backup = program
    .command('backup')
    .description('back up the data directory, verify the backup and remove old ones; the server may run')
    .option('--to <folder>', 'backup folder, instead of REJOIN_BACKUP_DIR')
    .option('--keep <count>', 'number of backups to keep, instead of REJOIN_BACKUP_KEEP', atLeastOne)
    .option('--recipient <key>', 'age public key to encrypt for, instead of REJOIN_BACKUP_RECIPIENT')
    .option('--passphrase-file <file>', 'file whose first line is the passphrase to encrypt with')
  withExamples(withJson(withDataDir(backup)), {
    'rejoin backup --to /mnt/backups': 'writes /mnt/backups/rejoin-20261128T023000Z.tar.zst',
    'rejoin backup new-key backup.key': 'makes a key pair; set REJOIN_BACKUP_RECIPIENT to its public key',
  }).action(async (options: BackUpOptions & DataDirOption) => {
    // Only this command needs the code that makes backups; the server stays smaller without it.
    const { backUp } = await import('../back-up.ts')
    await backUp(configOf(environment, options), options)
  })
  backup
    .command('new-key <file>')
    .description('make a key pair for encrypted backups: write the secret key to a file, print the public key')
    .action(async (file: string) => (await import('../back-up.ts')).newKey(file))
}

function atLeastOne(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('Enter a whole number, 1 or more.')
  return count
}

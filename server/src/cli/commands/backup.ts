import { InvalidArgumentError } from 'commander'
import type { BackUpOptions } from '../back-up.ts'
import { configOf, withDataDir, withExamples, withJson, type AddCommand, type DataDirOption } from '../options.ts'

export const addBackup: AddCommand = (program, environment) => {
  const backup = program
    .command('backup')
    .description('make a backup of everything, also while the server runs; it is checked, and old ones are removed')
    .option('--to <folder>', 'where to, in place of REJOIN_BACKUP_DIR')
    .option('--keep <count>', 'how many to keep there, in place of REJOIN_BACKUP_KEEP', atLeastOne)
    .option('--recipient <key>', 'encrypt it for this public key of age, in place of REJOIN_BACKUP_RECIPIENT')
    .option('--passphrase-file <file>', 'encrypt it with the first line of this file')
  withExamples(withJson(withDataDir(backup)), {
    'rejoin backup --to /mnt/backups': 'writes /mnt/backups/rejoin-20261128T023000Z.tar.zst',
    'rejoin backup new-key backup.key': 'makes a key pair; REJOIN_BACKUP_RECIPIENT takes the public key',
  }).action(async (options: BackUpOptions & DataDirOption) => {
    // Only this command needs what it is made with; the server stays smaller without.
    const { backUp } = await import('../back-up.ts')
    await backUp(configOf(environment, options), options)
  })
  backup
    .command('new-key <file>')
    .description('write a new secret key for encrypted backups to a file, and print its public key')
    .action(async (file: string) => (await import('../back-up.ts')).newKey(file))
}

function atLeastOne(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('It is a whole number, 1 or more.')
  return count
}

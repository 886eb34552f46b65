/** INSTALL.md, line by line, with the archive alone, as somebody does who has a machine of their own. */
import { expect, it } from 'vitest'
import { Customer } from './customer.ts'
import { CAN_UNSHARE, commandsOfInstall, runOnMachine } from './machine.ts'

/** What a person does between two sections of the document, as its sentences say. */
const BY_HAND: Readonly<Record<string, string>> = {
  'sudo -u rejoin rejoin backup new-key /var/lib/rejoin/backup.key': `
    key=$(sed -n 's/^# public key: //p' /var/lib/rejoin/backup.key)
    echo "REJOIN_BACKUP_RECIPIENT=$key" >> /etc/rejoin.env
    echo "REJOIN_LOG_LEVEL=info" >> /etc/rejoin.env
    mv /var/lib/rejoin/backup.key .
    systemctl restart rejoin`,
  'sudo -u rejoin rejoin backup': 'cp -p /var/lib/rejoin/backups/* . && BACKUP=$(ls *.tar.zst.age)',
  'rejoin restore BACKUP --verify --identity backup.key':
    'systemctl stop rejoin; mv /var/lib/rejoin /var/lib/before; install -d -o rejoin -g rejoin -m 0700 /var/lib/rejoin',
}

it('does all that INSTALL.md says, and each command goes by the settings of the service', ({ skip }) => {
  skip(!CAN_UNSHARE, 'only root may mount a file system, and not everywhere')
  using customer = new Customer()
  const { stdout, stderr } = runOnMachine(customer, { commands: commandsOfInstall(customer), byHand: BY_HAND })
  // The setup link, in the journal.
  expect(stdout).toMatch(/^ {2}http:\/\/127\.0\.0\.1:4700\/setup#\S+$/m)
  expect(stdout).toMatch(/\/var\/lib\/rejoin\/backups\/rejoin-\w+\.tar\.zst\.age: .* checked$/m)
  expect(stdout).toContain('The backup can be restored: ')
  expect(stdout).toContain('Restored: ')
  expect(stdout).toMatch(/^(No problems found|Warnings found): 0 errors/m)
  for (const said of stderr.matchAll(/^\+ sudo .*(doctor|backup|restore .*)\n(.*)$/gm)) {
    expect(said[2]).toBe('Settings: /etc/rejoin.env')
  }
}, 180_000)

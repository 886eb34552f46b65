/** INSTALL.md, line by line, with the archive alone, as somebody does who has a machine of their own. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Customer } from './customer.ts'

const CAN_UNSHARE = spawnSync('unshare', ['--mount', 'true']).status === 0

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
    'stop; rm -f "$LOG.pid"; mv /var/lib/rejoin /var/lib/before; install -d -o rejoin -g rejoin -m 0700 /var/lib/rejoin',
}

/** The indented lines of the document, without their comments. */
function commandsOf(text: string): string[] {
  const lines = [...text.matchAll(/^ {4}(\S.*)$/gm)].map(([, line = '']) => line.replace(/\s+#.*$/, ''))
  return lines.filter((line) => !line.startsWith('|'))
}

function scriptOf(commands: readonly string[]): string {
  const steps = commands.flatMap((line) => {
    const command = line.replaceAll('BACKUP', '"$BACKUP"').replace(/^\.\/rejoin serve$/, 'try ./rejoin serve')
    const byHand = BY_HAND[line]
    return [`echo ${JSON.stringify(`+ ${line}`)}`, `echo ${JSON.stringify(`+ ${line}`)} >&2`, command, byHand ?? ':']
  })
  return [readFileSync(join(import.meta.dirname, 'install.sh'), 'utf8'), ...steps].join('\n')
}

it('does all that INSTALL.md says, and each command goes by the settings of the service', ({ skip }) => {
  skip(!CAN_UNSHARE, 'only root may mount a file system, and not everywhere')
  using customer = new Customer()
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-install-'))
  try {
    const commands = commandsOf(readFileSync(join(customer.unpacked, 'INSTALL.md'), 'utf8'))
    for (const line of Object.keys(BY_HAND)) expect(commands).toContain(line)
    const env = { PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: folder, LOG: join(folder, 'journal') }
    const args = ['--mount', 'bash', '-c', scriptOf(commands)]
    const { status, stdout, stderr } = spawnSync('unshare', args, { cwd: customer.unpacked, env, encoding: 'utf8' })
    expect({ status, stderr: status === 0 ? '' : stderr, stdout: status === 0 ? '' : stdout }).toEqual({
      status: 0,
      stderr: '',
      stdout: '',
    })
    // The setup link, in the journal.
    expect(stdout).toMatch(/^ {2}http:\/\/127\.0\.0\.1:\d+\/setup#\S+$/m)
    expect(stdout).toMatch(/\/var\/lib\/rejoin\/backups\/rejoin-\w+\.tar\.zst\.age: .* checked$/m)
    expect(stdout).toContain('The backup can be restored: ')
    expect(stdout).toContain('Restored: ')
    expect(stdout).toMatch(/^(All is well|Nothing is wrong, but look): 0 errors/m)
    for (const said of stderr.matchAll(/^\+ sudo .*(doctor|backup|restore .*)\n(.*)$/gm)) {
      expect(said[2]).toBe('Settings: /etc/rejoin.env')
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 180_000)

it('has a Compose file that mounts the settings where every command reads them', ({ skip }) => {
  const text = readFileSync(join(import.meta.dirname, '../../server/build/release/compose.yaml'), 'utf8')
  // No library for YAML is among the dependencies.
  const python = spawnSync('python3', ['-c', 'import yaml'])
  skip(python.status !== 0, 'there is no parser of YAML')
  const json = execFileSync('python3', ['-c', 'import yaml,json,sys; print(json.dumps(yaml.safe_load(sys.stdin)))'], {
    input: text,
    encoding: 'utf8',
  })
  expect(JSON.parse(json)).toMatchObject({
    services: { rejoin: { build: '.', volumes: ['data:/var/lib/rejoin', './rejoin.env:/etc/rejoin.env:ro'] } },
    volumes: { data: null },
  })
})

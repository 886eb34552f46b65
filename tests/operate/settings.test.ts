/** One settings file for every command: where it is found, how it is read, and what it may not say. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readEnvText } from '@rejoin/server/operations/config/env-file.ts'
import { findSettings, type Asked } from '@rejoin/server/operations/config/settings-file.ts'
import { makeWorkspace } from '../harness/empty-workspace.ts'
import { rejoin } from '../harness/rejoin.ts'

const PUBLIC_KEY = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p'

/** A folder with a data directory, and what would be `/etc/rejoin.env`. */
function machine() {
  const root = mkdtempSync(join(tmpdir(), 'rejoin-settings-'))
  const dataDir = join(root, 'data')
  makeWorkspace(dataDir)
  const systemFile = join(root, 'etc-rejoin.env')
  return {
    root,
    dataDir,
    systemFile,
    own: join(dataDir, 'rejoin.env'),
    find: (environment: Record<string, string>, asked: Asked = {}) =>
      findSettings(environment, { systemFile, ...asked }),
    [Symbol.dispose]: () => rmSync(root, { recursive: true }),
  }
}

describe('a settings file', () => {
  // What systemd 252 makes of each line as `EnvironmentFile`, by systemd.exec(5).
  it.each([
    { line: 'A=plain', is: 'plain' },
    { line: 'A=', is: '' },
    { line: '  A=indented  ', is: 'indented' },
    { line: 'A=  after spaces', is: 'after spaces' },
    { line: 'A=two  words', is: 'two  words' },
    { line: 'A=Help <help@example.com>', is: 'Help <help@example.com>' },
    { line: 'A=smtps://u:p%23=&$HOME@mail.example.com', is: 'smtps://u:p%23=&$HOME@mail.example.com' },
    { line: 'A="0 30 2 * * *"', is: '0 30 2 * * *' },
    { line: 'A=" kept "', is: ' kept ' },
    { line: `A="it's $HOME #1"`, is: `it's $HOME #1` },
    { line: `A='a "b" \\n # $c'`, is: 'a "b" \\n # $c' },
    { line: "A=''", is: '' },
    { line: 'A=carriage return\r', is: 'carriage return' },
    { line: '# A=comment', is: undefined },
    { line: '; A=comment', is: undefined },
    { line: '', is: undefined },
  ])('reads $line as systemd does', ({ line, is }) => {
    expect(readEnvText('f', Buffer.from(`${line}\n`))['A']).toBe(is)
  })

  it.each([
    { line: 'export A=b', why: 'begins with "export"' },
    { line: 'A = b', why: 'is not NAME=value' },
    { line: 'A', why: 'is not NAME=value' },
    { line: 'A-B=c', why: 'is not NAME=value' },
    { line: 'A=b # comment', why: 'has a quote, a \\ or a #' },
    { line: 'A=p#ss', why: 'has a quote, a \\ or a #' },
    { line: 'A=b\\c', why: 'has a quote, a \\ or a #' },
    { line: 'A="b\\nc"', why: 'has a quote, a \\ or a #' },
    { line: 'A="b" c', why: 'has a quote, a \\ or a #' },
    { line: 'A="b', why: 'has a quote, a \\ or a #' },
    { line: 'A=`b`', why: 'has a quote, a \\ or a #' },
    { line: 'A=O"Neill', why: 'has a quote, a \\ or a #' },
    { line: 'A=b \\', why: 'has a quote, a \\ or a #' },
    { line: '# a comment \\', why: 'is a comment that ends with \\' },
    { line: 'rejoin_port=4800', why: 'sets rejoin_port: write REJOIN_PORT.' },
  ])('refuses $line, which systemd reads differently, by its number', ({ line, why }) => {
    expect(() => readEnvText('/etc/rejoin.env', Buffer.from(`A=b\n\n${line}\nB=c\n`))).toThrow(
      `/etc/rejoin.env, line 3 ${why}`,
    )
  })

  it.each([
    { what: 'a byte order mark', bytes: Buffer.from('\uFEFFA=b'), why: 'has a byte order mark' },
    { what: 'a NUL byte', bytes: Buffer.from('A=b\0'), why: 'or a NUL byte' },
    { what: 'bytes that are no UTF-8', bytes: Buffer.from('A=J\xfcrgen', 'latin1'), why: 'is not UTF-8' },
    {
      what: '65,537 bytes',
      bytes: Buffer.alloc(65_537, '#'),
      why: 'has 65537 bytes; a settings file has at most 65536',
    },
  ])('is refused with $what', ({ bytes, why }) => {
    expect(() => readEnvText('f', bytes)).toThrow(why)
  })
})

describe('the settings', () => {
  it('come from --env-file alone, else from the file in the data directory, else from the one of the system', () => {
    using here = machine()
    const at = { REJOIN_DATA_DIR: here.dataDir }
    expect(here.find(at).summary).toBe(
      `Settings: defaults only (there is no ${here.own}, and no ${here.systemFile}); --env-file names another file`,
    )
    writeFileSync(here.systemFile, `REJOIN_DATA_DIR=${here.dataDir}\nREJOIN_PORT=1\n`)
    expect(here.find({})).toMatchObject({
      summary: `Settings: ${here.systemFile}`,
      environment: { REJOIN_PORT: '1', REJOIN_DATA_DIR: here.dataDir },
    })
    expect(here.find(at).environment).toMatchObject({ REJOIN_PORT: '1' })
    // What lies in the folder where a command is typed, such as a try of somebody else, does not come before it.
    mkdirSync(join(here.root, 'rejoin-data'))
    writeFileSync(join(here.root, 'rejoin-data', 'rejoin.env'), 'REJOIN_PORT=4\n')
    const typedIn = process.cwd()
    process.chdir(here.root)
    expect(here.find({}).environment).toMatchObject({ REJOIN_PORT: '1' })
    process.chdir(typedIn)
    writeFileSync(here.own, 'REJOIN_PORT=2\n')
    expect(() => here.find(at)).toThrow(`There are two settings files for ${here.dataDir}`)
    rmSync(here.systemFile)
    expect(here.find(at)).toMatchObject({ summary: `Settings: ${here.own}`, environment: { REJOIN_PORT: '2' } })
    const envFile = join(here.root, 'mine.env')
    writeFileSync(envFile, 'REJOIN_PORT=3\n')
    expect(here.find(at, { envFile }).environment).toMatchObject({ REJOIN_PORT: '3' })
    expect(() => here.find(at, { envFile: `${envFile}.typo` })).toThrow('There is no settings file')
  })

  it('of the environment win over those of the file, and blank ones do not', () => {
    using here = machine()
    writeFileSync(here.own, 'REJOIN_PORT=1\nREJOIN_HOST=::\nREJOIN_PROXIES=2\n')
    const { environment, summary } = here.find({ REJOIN_DATA_DIR: here.dataDir, REJOIN_PORT: '9', REJOIN_PROXIES: ' ' })
    expect(environment).toMatchObject({ REJOIN_PORT: '9', REJOIN_HOST: '::', REJOIN_PROXIES: '2' })
    expect(summary).toBe(`Settings: ${here.own}; the environment overrides REJOIN_PORT`)
  })

  it('of the system are not taken for other data: a try would remove the backups of the server', () => {
    using here = machine()
    writeFileSync(here.systemFile, 'REJOIN_BACKUP_DIR=/mnt/backups\n')
    const elsewhere = here.find({}, { dataDir: here.dataDir })
    expect(elsewhere.environment).not.toHaveProperty('REJOIN_BACKUP_DIR')
    expect(elsewhere.summary).toContain(`${here.systemFile} is for /var/lib/rejoin`)
    // It is for the folder of the unit, whether it names that or not.
    for (const environment of [{}, { REJOIN_DATA_DIR: '/var/lib/rejoin' }]) {
      const found = here.find(environment).environment
      expect(found).toMatchObject({ REJOIN_BACKUP_DIR: '/mnt/backups', REJOIN_DATA_DIR: '/var/lib/rejoin' })
    }
  })

  it('of the system are taken for its data by whatever path: a link, and one that goes up again', () => {
    using here = machine()
    const link = join(here.root, 'link')
    symlinkSync(here.dataDir, link)
    for (const named of [here.dataDir, link]) {
      writeFileSync(here.systemFile, `REJOIN_DATA_DIR=${named}\nREJOIN_BACKUP_RECIPIENT=${PUBLIC_KEY}\n`)
      for (const dataDir of [here.dataDir, link, `${link}/.`, join(here.root, 'link', '..', 'link')]) {
        const { environment, summary } = here.find({}, { dataDir })
        expect(environment).toMatchObject({ REJOIN_BACKUP_RECIPIENT: PUBLIC_KEY, REJOIN_DATA_DIR: dataDir })
        expect(summary).toBe(
          `Settings: ${here.systemFile}${dataDir === named ? '' : '; --data-dir overrides REJOIN_DATA_DIR'}`,
        )
      }
    }
    rmSync(here.systemFile)
    writeFileSync(here.own, `REJOIN_DATA_DIR=${link}\n`)
    expect(here.find({}, { dataDir: here.dataDir }).summary).toContain(`Settings: ${here.own}`)
  })

  it('do not name other data than those they are in, nor a place that moves with the working directory', () => {
    using here = machine()
    const at = { REJOIN_DATA_DIR: here.dataDir }
    writeFileSync(here.own, 'REJOIN_DATA_DIR=/srv/other\n')
    expect(() => here.find(at)).toThrow('names another data directory, /srv/other')
    writeFileSync(here.own, 'REJOIN_BACKUP_DIR=backups\n')
    expect(() => here.find(at)).toThrow('REJOIN_BACKUP_DIR=backups is a relative path')
  })

  it('cannot be passed over where this user may not read them, unless systemd has read them for the server', () => {
    using here = machine()
    // Reading a folder fails for root as well.
    mkdirSync(here.systemFile)
    expect(() => here.find({})).toThrow(/cannot be read: .* Let this user read it \("chgrp rejoin .*--env-file/)
  })
})

it('encrypts a backup by hand as the server does, in the same place, and says by which file', async () => {
  using here = machine()
  const backups = join(here.root, 'backups')
  writeFileSync(here.own, `REJOIN_BACKUP_DIR=${backups}\nREJOIN_BACKUP_RECIPIENT=${PUBLIC_KEY}\n`)
  const made = await rejoin(['backup', '--json', '--data-dir', here.dataDir])
  expect(made).toMatchObject({ code: 0, errors: '', settings: `Settings: ${here.own}\n` })
  expect(JSON.parse(made.out)).toMatchObject({ ok: true })
  expect(readdirSync(backups)).toEqual([expect.stringMatching(/\.tar\.zst\.age$/)])
})

it.each([['version'], ['help'], ['schema'], ['complete', '--', '']])(
  'says nothing about settings for %s',
  async (...words) => {
    expect(await rejoin(words)).toMatchObject({ code: 0, errors: '', settings: '' })
  },
)

it('restores into a data directory that holds its settings only', async () => {
  using here = machine()
  const made = await rejoin(['backup', '--json', '--data-dir', here.dataDir])
  const { file } = JSON.parse(made.out) as { file: string }
  const dataDir = join(here.root, 'restored')
  mkdirSync(dataDir)
  writeFileSync(join(dataDir, 'rejoin.env'), 'REJOIN_LOG_LEVEL=warn\n')
  expect(await rejoin(['restore', file, '--data-dir', dataDir])).toMatchObject({
    code: 0,
    settings: `Settings: ${join(dataDir, 'rejoin.env')}\n`,
  })
  expect(readdirSync(dataDir)).toEqual(expect.arrayContaining(['rejoin.db', 'rejoin.env']))
  expect(readdirSync(dataDir).filter((name) => name.includes('restore'))).toEqual([])
})

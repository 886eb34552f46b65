/** Files with a passphrase or a key, as editors of other systems save them. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { armor, Encrypter } from 'age-encryption'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  decrypted,
  encrypted,
  newKeyPair,
  passphraseIn,
  secretKeysIn,
} from '@rejoin/server/operations/backup/encryption.ts'
import { rejoin } from '../harness/rejoin.ts'

const PASSPHRASE = 'Über allen Gipfeln'
const SECRET = 'AGE-SECRET-KEY-1ABC'

it.each<[what: string, encode: (text: string) => Uint8Array]>([
  ['UTF-8', (text) => Buffer.from(text)],
  ['UTF-8 with a mark', (text) => Buffer.from(`\uFEFF${text}`)],
  ['UTF-16, as Windows PowerShell writes it', (text) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
])('reads the same of a file in %s', (_what, encode) => {
  const dir = mkdtempSync(join(tmpdir(), 'rejoin-keys-'))
  try {
    const file = join(dir, 'file')
    writeFileSync(file, encode(`${PASSPHRASE}\r\nmore\r\n`))
    expect(passphraseIn(file)).toBe(PASSPHRASE)
    writeFileSync(file, encode(`${SECRET}\r\n`))
    expect(secretKeysIn(file)).toEqual([SECRET])
  } finally {
    rmSync(dir, { recursive: true })
  }
})

it('makes no backup with a passphrase of which it would read another, and opens what was made with a mark in it', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'rejoin-keys-'))
  try {
    const env = { REJOIN_DATA_DIR: join(dir, 'data'), REJOIN_LOG_LEVEL: 'silent' }
    expect((await rejoin(['init'], { env })).code).toBe(0)
    const file = join(dir, 'passphrase')
    writeFileSync(file, Buffer.from(PASSPHRASE, 'latin1'))
    const { code, errors } = await rejoin(['backup', '--to', join(dir, 'to'), '--passphrase-file', file], { env })
    expect([code === 0, errors]).toEqual([
      false,
      expect.stringContaining('byte 1 of line 1 (0xdc) is not valid utf-8.'),
    ])
    expect(readdirSync(dir)).not.toContain('to')
  } finally {
    rmSync(dir, { recursive: true })
  }
  async function* plain() {
    yield Buffer.from('kept')
  }
  const sealed = encrypted(plain(), { passphrase: `\uFEFF${PASSPHRASE}` })
  const parts: Uint8Array[] = []
  for await (const part of decrypted(sealed, { passphrase: PASSPHRASE })) parts.push(part)
  expect(Buffer.concat(parts).toString()).toBe('kept')
}, 60_000)

describe('files of age', () => {
  let dir = ''
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'rejoin-keys-'))
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  async function sealedFile(name: string, isArmored: boolean): Promise<string> {
    const encrypter = new Encrypter()
    encrypter.setScryptWorkFactor(4)
    encrypter.setPassphrase(PASSPHRASE)
    const sealed = await encrypter.encrypt(`# public key: age1abc\n${SECRET}\n`)
    const file = join(dir, name)
    writeFileSync(file, isArmored ? armor.encode(sealed) : sealed)
    return file
  }

  it.each([true, false])(
    'takes no file for a key or a passphrase that is encrypted itself (as text: %s)',
    async (isArmored) => {
      const file = await sealedFile('sealed', isArmored)
      const says = `${file} is encrypted itself, by age.`
      expect(() => secretKeysIn(file)).toThrow(says)
      expect(() => passphraseIn(file)).toThrow(says)
    },
  )

  it('takes no file of keys for one with a passphrase, and no secret key for a public one, which it does not repeat', async () => {
    const { file: text } = await newKeyPair()
    const file = join(dir, 'backup.key')
    writeFileSync(file, text)
    expect(() => passphraseIn(file)).toThrow(`${file} holds a secret key of age, and no passphrase.`)
    const { code, errors } = await rejoin(['backup', '--recipient', secretKeysIn(file)[0] ?? '', '--data-dir', dir])
    expect(code).toBe(1)
    expect(errors).toContain('The recipient is a secret key of age.')
    expect(errors).not.toContain('AGE-SECRET-KEY-')
  })

  it('says of a backup that was made text what it is, and how it is made binary again', async () => {
    const binary = await sealedFile('binary', false)
    const file = join(dir, 'armored')
    writeFileSync(file, armor.encode(readFileSync(binary)))
    const { code, errors } = await rejoin(['restore', file, '--verify'])
    expect(code).toBe(1)
    expect(errors).toContain(`${file} is an armored age file`)
    const [, command = ''] = /with "(.*) > BACKUP"/.exec(errors) ?? []
    expect(execFileSync('sh', ['-c', command])).toEqual(readFileSync(binary))
  })
})

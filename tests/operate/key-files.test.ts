/** Files with a passphrase or a key, as editors of other systems save them. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { decrypted, encrypted, passphraseIn, secretKeysIn } from '@rejoin/server/backup/encryption.ts'
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
    expect([code === 0, errors]).toEqual([false, expect.stringContaining('byte 1 of line 1 (0xdc) is not utf-8.')])
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

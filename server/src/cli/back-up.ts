/** `rejoin backup`: makes one backup in a folder and removes the old ones; and makes the key for encrypted backups. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Refusal } from '@rejoin/shared/errors.ts'
import { mustBePublicKey, newKeyPair, passphraseIn, type Key } from '../operations/backup/encryption.ts'
import { aheadIn, removeOld } from '../operations/backup/folder.ts'
import { makeBackup } from '../operations/backup/make.ts'
import type { Config } from '../operations/config/config.ts'
import { systemClock } from '../core/runtime/clock.ts'
import { readVersion } from '../operations/version.ts'
import { withProgress } from '../core/runtime/progress.ts'
import { print } from '../core/runtime/terminal.ts'

export interface BackUpOptions {
  readonly to?: string
  readonly keep?: number
  readonly recipient?: string
  readonly passphraseFile?: string
  readonly json?: true
}

/** Throws `Refusal` if no backup was made; earlier ones are then unchanged. */
export async function backUp({ dataDir, backup: settings }: Config, options: BackUpOptions): Promise<void> {
  const folder = options.to === undefined ? settings.folder : resolve(options.to)
  const now = systemClock()
  const key = keyOf(options.recipient ?? settings.recipient, options.passphraseFile)
  const { version } = readVersion()
  const { file, bytes, manifest } = await withProgress((progress) =>
    makeBackup({ dataDir, folder, key, version, now, progress }),
  )
  const removed = removeOld(folder, options.keep ?? settings.keep, { made: file, now })
  const ahead = aheadIn(folder, now)
  const report = { ok: true, file, bytes, files: manifest.files.length, removed, ahead }
  const text = `${file}: ${bytes.toLocaleString('en')} bytes, ${manifest.files.length} files, checked\n${ahead.map(ofAhead).join('')}`
  print(options.json === true ? `${JSON.stringify(report)}\n` : text)
}

function ofAhead(file: string): string {
  return `${file} is dated in the future, so it is neither counted nor removed. Delete or rename it.\n`
}

function keyOf(publicKey: string | null, passphraseFile: string | undefined): Key | null {
  if (passphraseFile !== undefined) return { passphrase: passphraseIn(passphraseFile) }
  if (publicKey === null) return null
  mustBePublicKey(publicKey)
  return { publicKey }
}

/** Writes a new secret key to `path`, and prints the public one. Throws `Refusal` if the file already exists. */
export async function newKey(path: string): Promise<void> {
  const { file, publicKey } = await newKeyPair()
  try {
    writeFileSync(path, file, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Refusal('invalid', `Cannot write the key: ${reason}.`, 'Name a file that does not exist yet.')
  }
  print(
    `${publicKey}\nSet REJOIN_BACKUP_RECIPIENT to this public key. Keep ${path} on another machine: without it no backup can be restored.\n`,
  )
}

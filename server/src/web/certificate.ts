/** The certificate of the server, read from its files, and again when they change. */
import { readFileSync, statSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { TlsConfig } from '../config.ts'

export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** Throws `Refusal` for files that cannot be read, are none, or do not belong together. */
export function readCertificate({ certFile, keyFile }: TlsConfig): Certificate {
  try {
    const certificate = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
    createSecureContext(certificate)
    return certificate
  } catch (error) {
    throw new Refusal(
      'unavailable',
      `The certificate ${certFile} with the key ${keyFile} cannot be used: ${error instanceof Error ? error.message : String(error)}.`,
      'Set REJOIN_TLS_CERT_FILE and REJOIN_TLS_KEY_FILE to a chain and its key, as PEM, which this user may read.',
    )
  }
}

/** Says of each look whether the files are others than at the last one. */
export function changesOf({ certFile, keyFile }: TlsConfig): () => boolean {
  const mark = () => [certFile, keyFile].map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs).join(' ')
  let last = mark()
  return () => {
    const now = mark()
    const hasChanged = now !== last
    last = now
    return hasChanged
  }
}

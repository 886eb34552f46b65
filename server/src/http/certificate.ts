/** The certificate of the server, read from its files, and again when they change. */
import { readFileSync, statSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { TlsConfig } from '../operations/config/listening.ts'

/** The certificate with all its settings: a renewed one replaces all of them. */
export interface Certificate {
  readonly cert: string
  readonly key: string
  readonly minVersion: 'TLSv1.2'
  readonly ciphers: string
}

/** The ciphers of TLS 1.3; of TLS 1.2 those with an ephemeral key exchange and authenticated encryption. */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':')

/** Throws `Refusal` if a file cannot be read, has no valid content, or does not match the other. */
export function readCertificate({ certFile, keyFile }: TlsConfig): Certificate {
  try {
    const files = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
    const certificate: Certificate = { ...files, minVersion: 'TLSv1.2', ciphers: CIPHERS }
    createSecureContext(certificate)
    return certificate
  } catch (error) {
    throw new Refusal(
      'unavailable',
      `The certificate ${certFile} with the key ${keyFile} cannot be used: ${error instanceof Error ? error.message : String(error)}.`,
      'Set REJOIN_TLS_CERT_FILE and REJOIN_TLS_KEY_FILE to a certificate chain and its key: PEM files that this user can read.',
    )
  }
}

/** Returns a function that tells whether the files have changed since its last call. */
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

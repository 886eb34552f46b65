/** The settings of the address on which the server listens, and the URL under which people and pages reach it. */
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { z } from 'zod'
import { ConfigError, wholeNumber, type ValuesOf } from '../../core/input/setting.ts'
import { isEveryAddress, originOf } from '../../core/runtime/addresses.ts'

const Origin = z
  .string()
  .refine(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    'is not an origin such as https://desk.example.com',
  )

/** The URL under which people reach the server, without a slash at its end. */
const PublicUrl = z.string().transform((text, context) => {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || !/^https?:\/\//i.test(text)) {
    context.addIssue({ code: 'custom', message: 'is not a URL such as https://help.example.com' })
    return z.NEVER
  }
  if (url.username !== '' || url.password !== '' || /[?#]/.test(url.href)) {
    const message =
      'has a user, a ? or a #, so links cannot begin with it: use only https://, the name, a port and a path'
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  }
  return url.href.replace(/\/+$/, '')
})

/** A name or an address to listen on; an IPv6 address may stand in brackets, as in a URL. */
const Host = z
  .string()
  .transform((text) => text.trim().replace(/^\[(.*)\]$/, '$1'))
  .refine((host) => isIP(host) !== 0 || /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?\.?$/i.test(host), {
    message: 'is not a host name or IP address of this machine, such as 127.0.0.1, 0.0.0.0 or ::',
  })

export const addressSettings = {
  REJOIN_HOST: Host.prefault('127.0.0.1').describe('Address to listen on.'),
  REJOIN_PORT: wholeNumber(z.number().min(0, 'must be a port, 0 to 65535').max(65_535, 'must be a port, 0 to 65535'))
    .prefault('4700')
    .describe('Port to listen on; 0 takes a free one.'),
  REJOIN_PROXIES: wholeNumber(z.number().min(0, 'must be 0 to 5').max(5, 'must be 0 to 5'))
    .prefault('0')
    .describe('Number of reverse proxies in front of the server; each must set X-Forwarded-For.'),
}

export const publicSettings = {
  REJOIN_PUBLIC_URL: PublicUrl.optional().describe(
    'URL that people open to reach the server. Links in emails begin with it; with https, cookies are sent over TLS only.',
  ),
}

export const siteSettings = {
  REJOIN_TLS_CERT_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('TLS certificate and its chain, as PEM; reloaded when the file changes.'),
  REJOIN_TLS_KEY_FILE: z.string().min(1).optional().describe('Private key of the certificate, as PEM.'),
  REJOIN_CORS_ORIGINS: z
    .string()
    .transform((text) => text.split(',').map((each) => each.trim()))
    .pipe(z.array(Origin))
    .optional()
    .describe(
      'Other sites whose pages may call the API with a token, separated by commas, such as https://desk.example.com.',
    ),
}

export interface TlsConfig {
  readonly certFile: string
  readonly keyFile: string
}

type Listening = ValuesOf<typeof addressSettings & typeof publicSettings & typeof siteSettings>

/** The URL of a server without REJOIN_PUBLIC_URL. */
export function derivedUrl(data: Listening, { sendsMail }: { sendsMail: boolean }): string {
  const { REJOIN_HOST: host, REJOIN_PORT: port, REJOIN_TLS_CERT_FILE: certFile } = data
  const isEvery = isEveryAddress(host)
  if (isEvery && sendsMail) {
    throw new ConfigError(
      `REJOIN_PUBLIC_URL is required: REJOIN_HOST=${host} means every address of this machine, and links in emails need one address. Set it to the URL that people open, such as https://help.example.com.`,
    )
  }
  const url = originOf({ host: isEvery ? 'localhost' : host, port, isTls: certFile !== undefined })
  if (URL.canParse(url)) return url
  throw new ConfigError(
    `REJOIN_PUBLIC_URL is required: no URL can be made from REJOIN_HOST=${host}. Set it to the URL that people open, such as https://help.example.com.`,
  )
}

/** Null: requests come in plain, from this machine or a proxy. */
export function tlsConfig(data: ValuesOf<typeof siteSettings>): TlsConfig | null {
  const { REJOIN_TLS_CERT_FILE: certFile, REJOIN_TLS_KEY_FILE: keyFile } = data
  if (certFile === undefined && keyFile === undefined) return null
  if (certFile !== undefined && keyFile !== undefined) return { certFile: resolve(certFile), keyFile: resolve(keyFile) }
  throw new ConfigError(
    'Set both REJOIN_TLS_CERT_FILE and REJOIN_TLS_KEY_FILE: a certificate and its private key, as PEM.',
  )
}

/** What the letters say. Their form is in `render.ts`; who gets one is decided where it is sent. */
import { oneLine } from '@rejoin/shared/visible.ts'

/** The letters by name, with what each one is told. */
export interface Letters {
  welcome: { name: string }
  reset: { name: string; token: string; expiresAt: number }
  'password-changed': { name: string }
  'new-sign-in': { name: string; at: number; address: string; client: string | null }
  invitation: { inviter: string; token: string; expiresAt: number }
  'confirm-address': { token: string; expiresAt: number }
  'already-registered': object
  'address-changed': { name: string }
  'address-set': { name: string; by: string }
  approved: { name: string }
  rejected: { name: string; reason: string | null }
  test: object
}

export interface Letter {
  readonly subject: string
  readonly paragraphs: readonly string[]
  readonly link?: { readonly label: string; readonly url: string }
}

/** `address` makes the address of a page from its path. */
type Writer<Fields> = (fields: Fields, address: (path: string) => string) => Letter

const WRITERS: { readonly [Name in keyof Letters]: Writer<Letters[Name]> } = {
  welcome: ({ name }, address) => ({
    subject: 'Welcome',
    paragraphs: [`Hello ${name},`, 'Your account is ready. Sign in with this email address and your password.'],
    link: { label: 'Sign in', url: address('/sign-in') },
  }),
  reset: ({ name, token, expiresAt }, address) => ({
    subject: 'Set a new password',
    paragraphs: [
      `Hello ${name},`,
      `We received a request to reset the password of your account. The link works once, until ${written(expiresAt)}.`,
      'If you did not ask for this, ignore this email: your password stays the same.',
    ],
    link: { label: 'Set a new password', url: address(`/reset-password#${token}`) },
  }),
  'password-changed': ({ name }, address) => ({
    subject: 'Your password was changed',
    paragraphs: [
      `Hello ${name},`,
      'The password of your account was changed.',
      'If you did not change it, reset it now with the link below and tell an administrator.',
    ],
    link: { label: 'Set a new password', url: address('/reset-password') },
  }),
  'new-sign-in': ({ name, at, address: from, client }, address) => ({
    subject: 'New sign-in to your account',
    paragraphs: [
      `Hello ${name},`,
      `Your account was signed in to on ${written(at)} from a new network address: ${from}.`,
      ...(client === null ? [] : [`Browser or app: ${client}.`]),
      'If this was not you, reset your password with the link below. This ends every session.',
    ],
    link: { label: 'Set a new password', url: address('/reset-password') },
  }),
  invitation: ({ inviter, token, expiresAt }, address) => ({
    subject: 'Invitation to create an account',
    paragraphs: [`${inviter} invites you to create an account.`, `The link works once, until ${written(expiresAt)}.`],
    link: { label: 'Join', url: address(`/join#${token}`) },
  }),
  'confirm-address': ({ token, expiresAt }, address) => ({
    subject: 'Confirm your email address',
    paragraphs: [
      `We received a request to create an account with this email address. The link works once, until ${written(expiresAt)}.`,
      'If you did not ask for this, ignore this email.',
    ],
    link: { label: 'Confirm and choose a password', url: address(`/join#${token}`) },
  }),
  'already-registered': (_fields, address) => ({
    subject: 'You already have an account',
    paragraphs: [
      'We received a request to create an account with this email address, but it already has one.',
      'If you forgot your password, reset it with the link below. If you did not ask for this, ignore this email.',
    ],
    link: { label: 'Set a new password', url: address('/reset-password') },
  }),
  'address-changed': ({ name }) => ({
    subject: 'The email address of your account was changed',
    paragraphs: [
      `Hello ${name},`,
      'An administrator changed the email address of your account. You can no longer sign in with this address.',
      'If you did not ask for this, tell an administrator at once.',
    ],
  }),
  'address-set': ({ name, by }) => ({
    subject: 'This is now the email address of your account',
    paragraphs: [
      `Hello ${name},`,
      `${by} made this the email address of your account. Sign in with it from now on. Your password stays the same.`,
    ],
  }),
  approved: ({ name }, address) => ({
    subject: 'Your account is approved',
    paragraphs: [`Hello ${name},`, 'Your account was approved. Sign in with this email address and your password.'],
    link: { label: 'Sign in', url: address('/sign-in') },
  }),
  rejected: ({ name, reason }) => ({
    subject: 'Your account was not approved',
    paragraphs: [`Hello ${name},`, 'Your account was not approved.', ...(reason === null ? [] : [`Reason: ${reason}`])],
  }),
  test: (_fields, address) => ({
    subject: 'Test email',
    paragraphs: [`This is a test email from the Rejoin server at ${address('/')}. Mail is working.`],
  }),
}

export const LETTER_NAMES = Object.keys(WRITERS) as (keyof Letters)[]

export function writeLetter<Name extends keyof Letters>(
  name: Name,
  fields: Letters[Name],
  address: (path: string) => string,
): Letter {
  return WRITERS[name](shown(fields), address)
}

/** What people have typed, and what their programs call themselves, as one line each. */
function shown<Fields extends object>(fields: Fields): Fields {
  const entries = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === 'string' ? oneLine(value) : value,
  ])
  return Object.fromEntries(entries) as Fields
}

function written(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

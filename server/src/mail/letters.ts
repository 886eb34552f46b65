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
    paragraphs: [`Hello ${name},`, 'Your account is ready: sign in with this address and your password.'],
    link: { label: 'Sign in', url: address('/sign-in') },
  }),
  reset: ({ name, token, expiresAt }, address) => ({
    subject: 'Set a new password',
    paragraphs: [
      `Hello ${name},`,
      `Somebody asked for a new password for your account. The link works once, until ${written(expiresAt)}.`,
      'If that was not you, do nothing: your password stays as it is.',
    ],
    link: { label: 'Set a new password', url: address(`/reset-password#${token}`) },
  }),
  'password-changed': ({ name }, address) => ({
    subject: 'Your password was changed',
    paragraphs: [
      `Hello ${name},`,
      'The password of your account was changed.',
      'If that was not you, have a link for a new one mailed at once, and tell an administrator.',
    ],
    link: { label: 'Set a new password', url: address('/reset-password') },
  }),
  'new-sign-in': ({ name, at, address: from, client }, address) => ({
    subject: 'A new sign-in to your account',
    paragraphs: [
      `Hello ${name},`,
      `Somebody signed in to your account on ${written(at)}, from an address where you had not been: ${from}.`,
      ...(client === null ? [] : [`The program calls itself ${client}.`]),
      'If that was not you, have a link for a new password mailed: using it ends every session.',
    ],
    link: { label: 'Set a new password', url: address('/reset-password') },
  }),
  invitation: ({ inviter, token, expiresAt }, address) => ({
    subject: 'You are invited',
    paragraphs: [`${inviter} invites you to join.`, `The link works once, until ${written(expiresAt)}.`],
    link: { label: 'Join', url: address(`/join#${token}`) },
  }),
  'confirm-address': ({ token, expiresAt }, address) => ({
    subject: 'Confirm your address',
    paragraphs: [
      `Somebody asked for an account for this address. The link works once, until ${written(expiresAt)}.`,
      'If that was not you, do nothing.',
    ],
    link: { label: 'Confirm and choose a password', url: address(`/join#${token}`) },
  }),
  'already-registered': (_fields, address) => ({
    subject: 'You have an account already',
    paragraphs: [
      'Somebody asked for an account for this address, which has one.',
      'If that was you, sign in, or have a link for a new password mailed. If not, do nothing.',
    ],
    link: { label: 'Set a new password', url: address('/reset-password') },
  }),
  'address-changed': ({ name }) => ({
    subject: 'Your account has another address',
    paragraphs: [
      `Hello ${name},`,
      'An administrator gave your account another address. You do not sign in with this one any more.',
      'If you did not ask for that, tell an administrator at once.',
    ],
  }),
  'address-set': ({ name, by }) => ({
    subject: 'This is the address of your account',
    paragraphs: [
      `Hello ${name},`,
      `${by} made this the address of your account: sign in with it from now on. Your password stays as it is.`,
    ],
  }),
  approved: ({ name }, address) => ({
    subject: 'Your account is approved',
    paragraphs: [`Hello ${name},`, 'Your account was approved: sign in with this address and your password.'],
    link: { label: 'Sign in', url: address('/sign-in') },
  }),
  rejected: ({ name, reason }) => ({
    subject: 'Your account was not approved',
    paragraphs: [
      `Hello ${name},`,
      'Your account was not approved.',
      ...(reason === null ? [] : [`The reason: ${reason}`]),
    ],
  }),
  test: () => ({
    subject: 'Mail works',
    paragraphs: ['Somebody asked this server for a letter to themselves, to see whether its mail arrives. It does.'],
  }),
}

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

/** What the letters say. Their form is in `render.ts`; who gets one is decided where it is sent. */

/** The letters by name, with what each one is told. */
export interface Letters {
  welcome: { name: string }
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
    link: { label: 'Sign in', url: address('/') },
  }),
}

export function writeLetter<Name extends keyof Letters>(
  name: Name,
  fields: Letters[Name],
  address: (path: string) => string,
): Letter {
  return WRITERS[name](fields, address)
}

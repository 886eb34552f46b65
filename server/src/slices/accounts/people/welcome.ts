/** The letter to a person who can sign in from now on. */
export function welcome({ email: to, name }: { email: string; name: string }) {
  return { to, letter: 'welcome', fields: { name } } as const
}

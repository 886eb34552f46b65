import type { Letters } from './letters.ts'

/** A letter to one address, with the fields of its kind. */
export type Mail = {
  [Name in keyof Letters]: { readonly to: string; readonly letter: Name; readonly fields: Letters[Name] }
}[keyof Letters]

declare module '../../core/storage/db.ts' {
  interface Messages {
    mail: Mail
  }
}

/**
 * Names, and other texts of one line that people tell apart by how they read. A letter with an accent can be written as
 * one character or as two: a name is kept in Unicode's composed form (NFC), so that names that read the same are equal.
 */
import { z } from 'zod'

/** Half of a surrogate pair becomes U+FFFD: nobody can write it down, and no other replica would have it. */
export function composed(text: string): string {
  return text.toWellFormed().normalize('NFC')
}

/** Names that people cannot tell apart: in capital letters or not, of any script. */
export function isTwin(a: string, b: string): boolean {
  return twinKey(a) === twinKey(b)
}

/** A key that all twins of a name share. */
export function twinKey(text: string): string {
  return composed(composed(text).toLowerCase())
}

/** Without space around it, of 1 to `max` UTF-16 code units. */
export function name(max: number): z.ZodString {
  return z.string().overwrite(composed).trim().min(1).max(max)
}

/**
 * As `name`, for a person, a department or a role, which people choose by its name. Refuses characters that nobody sees
 * or that turn the direction of text: with them, two names could read the same, or one like another.
 */
export function visibleName(max: number): z.ZodString {
  return name(max).superRefine((text, context) => {
    const fault = nameFault(text)
    if (fault !== null) context.addIssue({ code: 'custom', message: fault })
  })
}

/** Controls, ignorable characters, marks of direction, noncharacters, separators of lines, the empty Braille cell. */
const HIDDEN = /[\p{Cc}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Noncharacter_Code_Point}\u2028\u2029\u2800]/u

/** Where a joiner, a non-joiner or a variation selector is visible: within words of these scripts, and emoji. */
const SEEN = [
  /(?<=[\p{scx=Arab}\p{scx=Syrc}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}])[\u200C\u200D](?=[\p{L}\p{M}])/gu,
  /(?<=[\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}])[\u200C\u200D](?=[\p{L}\p{M}])/gu,
  /(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D(?=\p{Extended_Pictographic})/gu,
  /(?<=\p{Extended_Pictographic})[\uFE0E\uFE0F]|(?<=[0-9#*])\uFE0F(?=\u20E3)/gu,
  /(?<=\p{scx=Hani})[\uFE00-\uFE02\u{E0100}-\u{E01EF}]/gu,
  /(?<=\p{scx=Mong})[\u180B-\u180D\u180F\u200C\u200D]/gu,
]

/** Text that others have written, without such characters; a control, such as the end of a line, becomes a space. */
export function withoutHidden(text: string): string {
  const seen = new Set(SEEN.flatMap((each) => [...text.matchAll(each)].map(({ index }) => index)))
  return text.replaceAll(new RegExp(HIDDEN, 'gu'), (character, at: number) => {
    if (seen.has(at)) return character
    return /[\p{Cc}\u2028\u2029]/u.test(character) ? ' ' : ''
  })
}

/** The fault of a name with a character that nobody sees, as the end of a sentence; null where there is none. */
export function nameFault(text: string): string | null {
  const first = HIDDEN.exec(SEEN.reduce((rest, seen) => rest.replaceAll(seen, ''), text))?.[0]
  if (first === undefined) return null
  const code = first.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0') ?? ''
  return `has a character that nobody sees (U+${code}): take it out`
}

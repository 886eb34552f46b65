/**
 * Text from elsewhere, before it is put where such text can do harm: into a letter, a log, a terminal. Characters that
 * nobody sees move the cursor, colour or hide what follows, turn its direction, or begin a line of their own there.
 */

/** C0 and C1 controls with DEL, marks of direction, their overrides and isolates, and the separators of lines. */
const HIDDEN = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu
/** Characters that separate the text on either side of them. */
const APART = /\r\n|[\p{Cc}\u2028\u2029]/gu

/** As one line in which everything is seen: what keeps words apart becomes a space, the rest goes. */
export function oneLine(text: string): string {
  return text.replaceAll(APART, ' ').replaceAll(HIDDEN, '')
}

/**
 * The same text with hidden characters written out, as JSON and JavaScript do: `\u202e`. Line feeds and tabs stay. What
 * is JSON before is the same JSON after.
 */
export function writtenOut(text: string): string {
  return text.replaceAll(HIDDEN, (hidden) =>
    hidden === '\n' || hidden === '\t' ? hidden : `\\u${hidden.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Examples as the page shows them: nothing in them comes from chance, and nothing is long. */

const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b/g
const HASH = /\b[0-9a-f]{64}\b/g
/** By the name of the field: secrets, and what is too long to say anything. */
const HIDDEN = new Set(['token', 'secret', 'password', 'current', 'svg', 'update'])
/** What a server makes by chance for one start of it. */
const START = 'serverStart'
/** Larger numbers are instants. They are shown to the minute: a second more or less is chance. */
const FIRST_INSTANT = 1_600_000_000_000
const MINUTE_MS = 60_000
const MOST_ITEMS = 2
const LONGEST_TEXT = 160
const WIDTH = 110

/** One for a chapter: an id has the same placeholder in all of its examples, and other chapters do not change it. */
export class Placeholders {
  readonly #known = new Map<string, string>()
  readonly #count = { id: 0, hash: 0 }

  /** `value` with placeholders, and with the beginning only of long texts and lists. */
  settle(value: unknown, field = ''): unknown {
    if (typeof value === 'string') return HIDDEN.has(field) ? '…' : this.#text(value)
    if (field === START) return 1
    if (Array.isArray(value)) {
      const items = field === 'recoveryCodes' ? value.map(() => '…') : (value as unknown[])
      const shown = items.slice(0, MOST_ITEMS).map((item) => this.settle(item))
      return items.length > MOST_ITEMS ? [...shown, `… ${items.length - MOST_ITEMS} more`] : shown
    }
    if (typeof value === 'number' && value > FIRST_INSTANT) return value - (value % MINUTE_MS)
    if (typeof value !== 'object' || value === null) return value
    const members = Object.entries(value).filter(([, member]) => member !== undefined)
    return Object.fromEntries(members.map(([name, member]) => [name, this.settle(member, name)]))
  }

  #text(text: string): string {
    const settled = text
      .replaceAll(UUID, (id) => this.#placeholder(id, 'id', '0190…'))
      .replaceAll(HASH, (hash) => this.#placeholder(hash, 'hash', '5f3a…'))
      .replaceAll(/secret=\w+/g, 'secret=…')
      .replaceAll(/^\d{6}$/g, '123456')
    return settled.length > LONGEST_TEXT ? `${settled.slice(0, LONGEST_TEXT - 1)}…` : settled
  }

  #placeholder(text: string, kind: 'id' | 'hash', prefix: string): string {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    this.#count[kind] += 1
    const placeholder = `${prefix}${String(this.#count[kind]).padStart(4, '0')}`
    this.#known.set(text, placeholder)
    return placeholder
  }
}

/** JSON in few lines: short members share one. */
export function compactJson(value: unknown, indent = ''): string {
  const line = inline(value)
  if (typeof value !== 'object' || value === null || indent.length + line.length <= WIDTH) return line
  const within = `${indent}  `
  const members = Array.isArray(value)
    ? value.map((item) => compactJson(item, within))
    : Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${compactJson(member, within)}`)
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  return [open, ...filled(members, within), `${indent}${close}`].join('\n')
}

function filled(members: readonly string[], indent: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const [index, member] of members.entries()) {
    const part = index < members.length - 1 ? `${member},` : member
    const joined = line === '' ? part : `${line} ${part}`
    const isApart = joined.includes('\n') || joined.includes('{')
    const canJoin = !isApart && indent.length + joined.length <= WIDTH
    if (!canJoin && line !== '') lines.push(indent + line)
    line = canJoin ? joined : part
  }
  return [...lines, indent + line]
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${inline(member)}`)
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}

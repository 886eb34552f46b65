/** Schemas as types that a person reads, with what TypeScript cannot say, such as bounds, in comments. */
import { z } from 'zod'

export type Direction = 'input' | 'output'

/** Of JSON Schema, what these pages need. */
export interface Node {
  readonly type?: string | readonly string[]
  readonly title?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Node[]
  readonly oneOf?: readonly Node[]
  readonly format?: string
  readonly pattern?: string
  readonly contentEncoding?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly items?: Node
  readonly prefixItems?: readonly Node[]
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, Node>>
  readonly required?: readonly string[]
  readonly propertyNames?: Node
  readonly additionalProperties?: Node | false
  readonly default?: unknown
}

/** What JSON Schema has no word for. */
const TITLES: Readonly<Record<string, string>> = { void: 'nothing', custom: 'bytes' }

export function nodeOf(schema: z.ZodType, io: Direction): Node {
  const { $schema: _, ...node } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const title = TITLES[zodSchema._zod.def.type]
      if (title !== undefined) jsonSchema.title = title
    },
  })
  return node as Node
}

/** The same for equal shapes, whatever is left out where they stand. */
export function keyOf({ default: _, ...node }: Node): string {
  return JSON.stringify(node, (name, value: unknown) => (name === 'readOnly' ? undefined : value))
}

interface Printed {
  readonly text: string
  /** What belongs into a comment behind it. */
  readonly notes: readonly string[]
}

const WIDTH = 100
const FARTHEST_INSTANT = 8_640_000_000_000_000

/** The type as text; a shape that `names` knows is only named. */
export function printed(node: Node, names: ReadonlyMap<string, string>): Printed {
  const name = names.get(keyOf(node))
  return name === undefined ? shapeOf(node, (inner) => printed(inner, names)) : { text: name, notes: [] }
}

/** As `printed`, for the shape that a name stands for. */
export function definition(node: Node, names: ReadonlyMap<string, string>): string {
  return withNotes(shapeOf(node, (inner) => printed(inner, names)))
}

export function withNotes({ text, notes }: Printed): string {
  return notes.length === 0 ? text : `${text} // ${notes.join(', ')}`
}

type Print = (node: Node) => Printed

function shapeOf(node: Node, print: Print): Printed {
  const choices = node.anyOf ?? node.oneOf
  if (node.title !== undefined) return plain(node.title)
  if (node.const !== undefined) return plain(literal(node.const))
  if (node.enum !== undefined) return plain(choice(node.enum.map(literal)))
  if (choices !== undefined) return union(choices.map(print))
  if (Array.isArray(node.type)) return union(node.type.map((type: string) => print({ ...node, type })))
  if (node.type === 'array') return list(node, print)
  if (node.type === 'object') return node.properties === undefined ? record(node, print) : object(node, print)
  return scalar(node)
}

const plain = (text: string): Printed => ({ text, notes: [] })
const literal = (value: unknown) => (typeof value === 'string' ? `'${value}'` : JSON.stringify(value))

/** Bytes are for callers in the process: over the wire they have another form. */
function union(members: readonly Printed[]): Printed {
  const texts = new Set(members.map(({ text }) => text).filter((text) => text !== TITLES['custom']))
  return { text: choice([...texts]), notes: [...new Set(members.flatMap(({ notes }) => notes))] }
}

/** In one line, or objects and long lists in several. */
function choice(members: readonly string[]): string {
  const line = members.join(' | ')
  if (members.length < 2 || line.length <= WIDTH) return line
  if (members.some((member) => member.includes('{')))
    return members.map((member) => `\n  | ${hanging(member)}`).join('')
  const lines = ['']
  for (const member of members) {
    const joined = `${lines.at(-1)} | ${member}`
    if (joined.length <= WIDTH) lines[lines.length - 1] = joined
    else lines.push(` | ${member}`)
  }
  return lines.map((each) => `\n ${each}`).join('')
}

const hanging = (text: string) => text.replaceAll('\n', '\n    ')

function list({ items = {}, prefixItems, minItems, maxItems }: Node, print: Print): Printed {
  if (prefixItems !== undefined) return plain(`[${prefixItems.map((item) => print(item).text).join(', ')}]`)
  const { text, notes } = print(items)
  const each = notes.length === 0 ? [] : [`each ${notes.join(', ')}`]
  const isUnion = / \| /.test(text.replaceAll(/\{[\s\S]*\}/g, ''))
  return { text: isUnion ? `(${text})[]` : `${text}[]`, notes: [...bounds(minItems, maxItems, ' items'), ...each] }
}

function record({ propertyNames = {}, additionalProperties, required }: Node, print: Print): Printed {
  const value = print(additionalProperties === false ? {} : (additionalProperties ?? {}))
  const keys = print(propertyNames)
  const text = `Record<${keys.text === 'unknown' ? 'string' : keys.text}, ${value.text}>`
  return { text: propertyNames.enum && !required ? `Partial<${text}>` : text, notes: value.notes }
}

function object({ properties = {}, required = [] }: Node, print: Print): Printed {
  const fields = Object.entries(properties).map(([name, node]) => {
    const { text, notes } = print(node)
    const fallback = node.default === undefined || required.includes(name) ? [] : [defaultOf(node.default)]
    return { text: `${name}${required.includes(name) ? '' : '?'}: ${text}`, notes: [...notes, ...fallback] }
  })
  const inline = `{ ${fields.map(({ text }) => text).join('; ')} }`
  const fits = inline.length <= WIDTH && !inline.includes('\n') && fields.every(({ notes }) => notes.length === 0)
  if (fits) return plain(fields.length === 0 ? '{}' : inline)
  return plain(['{', ...fields.map((field) => indented(withNotes(field))), '}'].join('\n'))
}

function defaultOf(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length <= 50 ? `default ${text}` : 'has a default'
}

const indented = (text: string) => text.replaceAll(/^/gm, '  ')

function scalar(node: Node): Printed {
  const { type, format, contentEncoding, maximum, minimum, exclusiveMinimum } = node
  if (type === 'string') {
    if (contentEncoding === 'base64' || format === 'base64') return plain('base64')
    if (format !== undefined) return plain(format)
    return { text: 'string', notes: bounds(node.minLength, node.maxLength, ' characters') }
  }
  if (type === 'integer' && maximum === FARTHEST_INSTANT) return plain('instant')
  const least = exclusiveMinimum === undefined ? minimum : exclusiveMinimum + 1
  const isNumber = type === 'integer' || type === 'number'
  if (isNumber) return { text: type === 'integer' ? 'int' : 'number', notes: bounds(least, maximum, '') }
  return plain(typeof type === 'string' ? type : 'unknown')
}

/** Bounds that only say how far a number reaches in JavaScript are none. */
function bounds(least: number | undefined, most: number | undefined, unit: string): string[] {
  const from = least !== undefined && least > Number.MIN_SAFE_INTEGER ? least : undefined
  const to = most !== undefined && most < Number.MAX_SAFE_INTEGER ? most : undefined
  if (from !== undefined && to !== undefined) return [`${from}–${to}${unit}`]
  if (to !== undefined) return [`at most ${to}${unit}`]
  if (from === 1 && unit !== '') return ['not empty']
  return from === undefined ? [] : [`at least ${from}${unit}`]
}

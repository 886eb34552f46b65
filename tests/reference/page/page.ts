/** The text of `docs/api.md`, from the declarations of the operations and an example of each. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AnyOperation } from '@rejoin/shared/contract/operation.ts'
import { ERRORS, type ErrorCode } from '@rejoin/shared/errors.ts'
import { codesOf, scopesOf, type Operations } from '@rejoin/server/core/api/operations.ts'
import { compactJson, Placeholders } from './example.ts'
import { nodeOf, printed, withNotes, type Direction } from './shape.ts'
import { definitionsFor, NAMES } from './shapes.ts'

export interface Example {
  /** Absent where the procedure takes none. */
  readonly input?: unknown
  readonly answer: unknown
}

export type Examples = ReadonlyMap<string, Example>

export function referencePage(operations: Operations, examples: Examples): string {
  const usual = usualCodes([...operations.values()])
  const nouns = [...Map.groupBy(operations, ([path]) => path.slice(0, path.lastIndexOf('.')))]
  const entry = ([path, operation]: readonly [string, AnyOperation], placeholders: Placeholders) => {
    const call = examples.get(path)
    if (call === undefined) throw new Error(`The story does not call ${path}, so the page has no example of it.`)
    const example = placeholders.settle(call)
    const facts = `${whoOf(operation)}${codesBeyond(operation, usual)}`
    return [`### ${path}`, operation.doc, facts, typesOf(operation), fenced('json', compactJson(example))]
  }
  const chapter = ([noun, of]: (typeof nouns)[number]) => {
    const placeholders = new Placeholders()
    return [`## ${noun}`, ...of.flatMap((each) => entry(each, placeholders))].join('\n\n')
  }
  const chapters = nouns.map(chapter).join('\n\n')
  return [
    readFileSync(join(import.meta.dirname, 'introduction.md'), 'utf8').trim(),
    contents(nouns.map(([noun, of]) => [noun, of.map(([path]) => path)])),
    chapters,
    '## Shapes',
    fenced('ts', definitionsFor(chapters).join('\n\n')),
    '## Codes',
    'Each procedure may answer with the codes of its entry, and with these:',
    usual.map(({ who, codes }) => `- ${who}: ${listOf(codes)}`).join('\n'),
    codeTable([...operations.values()]),
    '',
  ].join('\n\n')
}

/** As lists by noun, each leading to its entry. */
function contents(nouns: readonly (readonly [string, readonly string[]])[]): string {
  const link = (path: string) => `[${path.slice(path.lastIndexOf('.') + 1)}](#${anchorOf(path)})`
  return nouns.map(([noun, paths]) => `- \`${noun}\`: ${paths.map(link).join(', ')}`).join('\n')
}

const anchorOf = (heading: string) => heading.toLowerCase().replaceAll('.', '')

function whoOf(operation: AnyOperation): string {
  const { isPublic, actions } = operation
  const kind = kindOf(operation)
  if (isPublic) return `${kind}. For anybody.`
  if (actions.length === 0) return `${kind}. For everybody who is signed in.`
  const token = scopesOf(operation).length > 0 ? ' API tokens with that scope may call it.' : ''
  return `${kind}. Needs ${actions.map((each) => `\`${each}\``).join(' or ')}.${token}`
}

function kindOf(operation: AnyOperation): string {
  if (operation.type === 'query') return 'Reads'
  return takesKey(operation) ? 'Changes data' : 'Changes data, without an `Idempotency-Key`'
}

function takesKey(operation: AnyOperation): boolean {
  return operation.type === 'command' && operation.keeps === 'receipt' && !operation.isPublic
}

interface Usual {
  readonly who: string
  readonly codes: ReadonlySet<ErrorCode>
  readonly isOf: (operation: AnyOperation) => boolean
}

/** The codes that all procedures of a kind have, each named with the first kind that has it. */
function usualCodes(operations: readonly AnyOperation[]): readonly Usual[] {
  const kinds: readonly Omit<Usual, 'codes'>[] = [
    { who: 'all of them', isOf: () => true },
    { who: 'those that are not for anybody', isOf: ({ isPublic }) => !isPublic },
    { who: 'those that need an action', isOf: ({ actions }) => actions.length > 0 },
    { who: 'those that take an `Idempotency-Key`', isOf: takesKey },
  ]
  const named = new Set<ErrorCode>()
  return kinds.map((kind) => {
    const [first = new Set<ErrorCode>(), ...others] = operations.filter(kind.isOf).map(codesOf)
    const codes = [...first].filter((code) => !named.has(code) && others.every((each) => each.has(code)))
    for (const code of codes) named.add(code)
    return { ...kind, codes: new Set(codes) }
  })
}

function codesBeyond(operation: AnyOperation, usual: readonly Usual[]): string {
  const known = new Set(usual.filter(({ isOf }) => isOf(operation)).flatMap(({ codes }) => [...codes]))
  const codes = [...codesOf(operation)].filter((code) => !known.has(code))
  return codes.length === 0 ? '' : ` Codes: ${listOf(new Set(codes))}.`
}

function listOf(codes: ReadonlySet<ErrorCode>): string {
  return [...codes]
    .toSorted()
    .map((code) => `\`${code}\``)
    .join(', ')
}

function typesOf({ input, output }: AnyOperation): string {
  const type = (name: string, schema: AnyOperation['input'], io: Direction) =>
    `type ${name} = ${withNotes(printed(nodeOf(schema, io), NAMES))}`
  return fenced('ts', [type('Input', input, 'input'), type('Output', output, 'output')].join('\n'))
}

function codeTable(operations: readonly AnyOperation[]): string {
  const codes = new Set(operations.flatMap((each) => [...codesOf(each)]))
  const byStatus = Map.groupBy([...codes].toSorted(), (code) => ERRORS[code].status)
  const rows = [...byStatus].toSorted(([left], [right]) => left - right)
  return [
    '| HTTP | codes |',
    '|---|---|',
    ...rows.map(([status, of]) => `| ${status} | ${listOf(new Set(of))} |`),
  ].join('\n')
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text.replaceAll(/ +$/gm, '')}\n\`\`\``
}

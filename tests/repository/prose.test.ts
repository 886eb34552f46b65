/** Messages, docs and comments name their subject: clauses in place of a noun ("whoever …", "what was …") stay rare. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseSync, Visitor } from 'rolldown/utils'
import { expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const SOURCES = ['shared/src', 'client-sdk/src', 'server/src', 'server/build']
/** Its own comments name the clauses that it counts. */
const OWN_FILE = relative(ROOT, import.meta.filename)
const COMMENTED = [...SOURCES, 'migrations', 'tests']
const DOCS = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'client-sdk/README.md']

/** How many of a thousand messages, or lines of docs and comments, may have such a clause. */
const CLAUSES = [
  { name: 'whoever', pattern: /\b(?:who|what|whom|which)ever\b/i, perThousand: 3 },
  { name: 'what is', pattern: /\bwhat (?:is|was|are|were|came|comes)\b/i, perThousand: 10 },
]

interface Text {
  readonly place: string
  readonly text: string
}

function filesBelow(folder: string, ending: RegExp): string[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => ending.test(name) && !name.includes('node_modules') && !name.startsWith('dist'))
    .map((name) => join(folder, name))
}

function linesOf(path: string): Text[] {
  const lines = readFileSync(join(ROOT, path), 'utf8').split('\n')
  return lines.map((text, index) => ({ place: `${path}:${index + 1}`, text }))
}

/** Every line of a comment that has words. */
function commentLinesOf(path: string): Text[] {
  const source = readFileSync(join(ROOT, path), 'utf8')
  return parseSync(path, source).comments.flatMap(({ start, value }) => {
    const first = source.slice(0, start).split('\n').length
    const lines = value.split('\n').map((line, index) => ({
      place: `${path}:${first + index}`,
      text: line.trim().replace(/^\*+ ?/, ''),
    }))
    return lines.filter(({ text }) => text !== '')
  })
}

/** Every string and template with more than one word; no comment is one. */
function messagesOf(path: string): Text[] {
  const source = readFileSync(join(ROOT, path), 'utf8')
  const found: Text[] = []
  const add = (start: number, text: string) => {
    const line = source.slice(0, start).split('\n').length
    if (text.trim().includes(' ')) found.push({ place: `${path}:${line}`, text })
  }
  const visitor = new Visitor({
    Literal: ({ start, value }) => {
      if (typeof value === 'string') add(start, value)
    },
    TemplateLiteral: ({ start, quasis }) => add(start, quasis.map(({ value }) => value.raw).join('…')),
  })
  visitor.visit(parseSync(path, source).program)
  return found
}

/** Operators read these alone, so each must hold by itself. */
const OPERATOR_PAGES = ['docs/operations.md', 'server/build/release/INSTALL.md']

const messages = SOURCES.flatMap((folder) => filesBelow(folder, /\.[jt]s$/)).flatMap(messagesOf)
const comments = COMMENTED.flatMap((folder) => filesBelow(folder, /\.[jt]s$/))
  .filter((path) => path !== OWN_FILE)
  .flatMap(commentLinesOf)
const docs = [...DOCS, ...filesBelow('docs', /\.(md|yml)$/), ...filesBelow('server', /\.(md|html)$/)].flatMap(linesOf)

it.each([
  { kind: 'messages', texts: messages, atLeast: 1500 },
  { kind: 'docs', texts: docs, atLeast: 2000 },
  { kind: 'comments', texts: comments, atLeast: 4000 },
  ...OPERATOR_PAGES.map((page) => ({ kind: page, texts: linesOf(page), atLeast: 50 })),
])('names the subject in $kind', ({ texts, atLeast }) => {
  expect(texts.length).toBeGreaterThan(atLeast)
  const tooMany = CLAUSES.flatMap(({ name, pattern, perThousand }) => {
    const found = texts.filter(({ text }) => pattern.test(text))
    const most = Math.floor((texts.length * perThousand) / 1000)
    if (found.length <= most) return []
    return [`"${name}" ${found.length} times, at most ${most}:`, ...found.map(({ place, text }) => `${place}  ${text}`)]
  })
  expect(tooMany).toEqual([])
})

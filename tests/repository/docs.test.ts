/** The documents say what is so: every path they name exists, and the README's example runs. */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Command } from 'commander'
import { expect, it } from 'vitest'
import { v7 } from 'uuid'
import { commandLine } from '@rejoin/server/cli/program.ts'
import { readConfig } from '@rejoin/server/operations/config/config.ts'
import { appRouter } from '@rejoin/server/router.ts'
import { startWorld } from '../harness/world.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const DOCS = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'client-sdk/README.md', ...pagesBelow('docs')]

const TOP = ['server', 'shared', 'client-sdk', 'migrations', 'tests', 'docs', 'package.json']

function pagesBelow(folder: string): string[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.md')).map((name) => join(folder, name))
}

/** `code spans` that look like a path of the repository, and link targets. */
function pathsIn(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8')
  const spans = [...text.matchAll(/`((?:server|shared|client-sdk|migrations|tests|docs)\/[\w./-]+)`/g)]
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)]
  return [
    ...spans.map(([, path = '']) => join(ROOT, path)),
    ...links.map(([, path = '']) => resolve(ROOT, dirname(page), path)),
  ]
}

it.each(DOCS)('names only paths that exist in %s', (page) => {
  expect(pathsIn(page).filter((path) => !existsSync(path))).toEqual([])
})

/** Every file and folder of the repository, with a slash before it. */
const TREE = [...TOP, 'README.md'].flatMap((place) => [
  `/${place}`,
  ...(place.includes('.') ? [] : readdirSync(join(ROOT, place), { recursive: true, encoding: 'utf8' }))
    .filter((name) => !name.includes('node_modules'))
    .map((name) => `/${place}/${name}`),
])

/** `code spans` that look like a file without the folder it is in, or with the last of them. */
const SHORT = /`((?:[\w-]+\/)*[\w-]+(?:\.[\w-]+)*\.(?:ts|mjs|sql|json|yml|md))`/g

it.each(DOCS)('names only files that exist somewhere in %s', (page) => {
  const named = [...readFileSync(join(ROOT, page), 'utf8').matchAll(SHORT)].map(([, name = '']) => name)
  const missing = named.filter((name) => !TREE.some((path) => path.endsWith(`/${name}`)))
  expect(missing).toEqual([])
})

it('names only folders and files that exist in the map of ARCHITECTURE.md', () => {
  const map = /## Map\n+```\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8'))?.[1] ?? ''
  const lines = map.split('\n').filter((line) => line !== '')
  expect(lines.length).toBeGreaterThan(9)
  let top = ''
  const missing = lines.flatMap((line) => {
    const [, indent = '', place = ''] = /^( *)([\w./-]+)/.exec(line) ?? []
    const path = indent === '' ? place : join(top, place)
    if (indent === '') top = place.replace(/src\/.*$/, 'src/')
    const within = [...line.slice(indent.length + place.length).matchAll(/[\w-]+\/|[\w-]+\.(?:ts|sql)/g)]
    return [path, ...within.map(([name]) => join(indent === '' ? place : path, name))]
  })
  expect(missing.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
})

it('describes every setting and every command to the operator', () => {
  const handbook = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8')
  const settings = /Settings: (.*)\./.exec(complaintAbout('REJOIN_NONSENSE'))?.[1]?.split(', ') ?? []
  expect(settings.length).toBeGreaterThan(10)
  expect(settings.filter((name) => !handbook.includes(`\`${name}\``))).toEqual([])
  const commands = wordsOf(commandLine({})).filter((words) => !words.startsWith('complete'))
  const ofDevelopers = ['schema', 'version', 'help']
  const undescribed = commands.filter((name) => !handbook.includes(`rejoin ${name}`))
  expect(undescribed.filter((name) => !ofDevelopers.includes(name))).toEqual([])
})

it('describes every procedure of the API, and none that there is not', () => {
  const page = readFileSync(join(ROOT, 'docs/api.md'), 'utf8')
  const described = [...page.matchAll(/^### (.+)$/gm)].map(([, name]) => name)
  expect(described).toEqual(Object.keys(appRouter._def.procedures))
})

/** Every command by its words, such as `import people`. */
function wordsOf(command: Command, words = ''): string[] {
  const below = command.commands.flatMap((each) => wordsOf(each, `${words} ${each.name()}`.trim()))
  return words === '' ? below : [words, ...below]
}

it.each(['docs/operations.md', 'server/build/release/INSTALL.md'])('names only commands that exist in %s', (page) => {
  const known = wordsOf(commandLine({}))
  const named = [
    ...readFileSync(join(ROOT, page), 'utf8').matchAll(
      /(?:^ {4}|`)(?:sudo -u rejoin )?rejoin ([a-z][a-z -]*?)(?= ?(?:[`A-Z<([\n#]|--|$))/gm,
    ),
  ]
  const unknown = named.filter(
    ([, words = '']) => !known.some((each) => words.trim() === each || words.startsWith(`${each} `)),
  )
  expect(unknown.map(([, words]) => words?.trim()).filter((words) => words !== 'help')).toEqual([])
})

function complaintAbout(name: string): string {
  try {
    readConfig({ [name]: 'x' })
    return ''
  } catch (error) {
    return String(error)
  }
}

it('numbers the decisions one after another', () => {
  const numbers = pagesBelow('docs/decisions').map((page) => basename(page).slice(0, 4))
  expect(numbers.toSorted()).toEqual(numbers.map((_, index) => String(index + 1).padStart(4, '0')))
})

it('runs the device example of the README as it is printed there', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const departments = [await world.department('support')]
  const account = { email: 'ada@example.com', password: 'correct horse battery' }
  await desk.api.accounts.createUser.mutate({ userId: v7(), name: 'Ada', role: 'agent', departments, ...account })
  const example = /## A device in twenty lines\s+```ts\n([\s\S]*?)```/.exec(
    readFileSync(join(ROOT, 'README.md'), 'utf8'),
  )
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-example-'))
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module-typescript', '--eval', example?.[1] ?? ''],
      {
        cwd: import.meta.dirname,
        env: {
          REJOIN_URL: world.url,
          EMAIL: account.email,
          PASSWORD: account.password,
          FILE: join(folder, 'ada.db'),
        },
      },
    )
    expect(stdout.split('\n').map((line) => line.trim())).toEqual([
      'open 3',
      'ticket.create applied',
      'ticket.claim applied',
      'comment.add applied',
      'TKT-0001',
      '',
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

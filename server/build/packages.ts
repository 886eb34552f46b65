/** The packages of others that are in the executable: whose they are, their licences, and what the lockfile says. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './paths.ts'

export interface Package {
  readonly name: string
  readonly version: string
  /** Its author, or else the owner of its repository. */
  readonly supplier: string
  /** An SPDX id or expression. */
  readonly license: string
  /** The text of it, if the package brings one. */
  readonly licenseText: string | undefined
  /** Of its archive, as the lockfile has it: `sha512-…` in base64. */
  readonly integrity: string
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: unknown
  readonly author?: string | { readonly name: string }
  readonly repository?: string | { readonly url: string }
}

/** Reads the packages in `folders`. Throws for one that is not in pnpm-lock.yaml, or names no licence or no supplier. */
export function readPackages(folders: readonly string[]): Package[] {
  const lockfile = readFileSync(join(ROOT, 'pnpm-lock.yaml'), 'utf8')
  return folders.map((folder) => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
    const { name, version, license } = manifest
    const entry = lockfile.split(`\n  ${name.startsWith('@') ? `'${name}@${version}'` : `${name}@${version}`}:\n`)[1]
    const [, integrity] = /^ {4}resolution: \{integrity: ([^},]+)/.exec(entry ?? '') ?? []
    if (integrity === undefined) throw new Error(`${name}@${version} is not in pnpm-lock.yaml`)
    if (typeof license !== 'string') throw new Error(`${name}@${version} does not state its licence`)
    return { name, version, supplier: supplierOf(manifest), license, licenseText: licenseIn(folder), integrity }
  })
}

/** Without the address and the page of a person. */
function supplierOf({ name, version, author, repository }: Manifest): string {
  const written = typeof author === 'object' ? author.name : author
  const person = written?.replace(/[<(].*/, '').trim()
  if (person !== undefined && person !== '') return person
  const url = typeof repository === 'object' ? repository.url : repository
  const [, owner] = /([^/:]+)\/[^/]+$/.exec(url ?? '') ?? []
  if (owner === undefined) throw new Error(`${name}@${version} does not say whose it is`)
  return owner
}

export function licenseIn(folder: string): string | undefined {
  const name = readdirSync(folder).find((name) => /^(licen[cs]e|copying)(\.\w+)?$/i.test(name))
  return name === undefined ? undefined : readFileSync(join(folder, name), 'utf8').trim()
}

/** What the licences ask to be handed on with copies: their texts. */
export function licenseTexts(packages: readonly Package[], nodeLicense: string): string {
  const texts = packages.map(
    ({ name, version, license, licenseText }) =>
      `${name} ${version} (${license})\n\n${licenseText ?? 'The package has no licence text.'}`,
  )
  return [...texts, `Node.js ${process.versions.node}\n\n${nodeLicense}`].join(`\n\n${'-'.repeat(80)}\n\n`) + '\n'
}

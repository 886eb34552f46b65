/** The packages of others that are in the executable: what they are, their licences, and what the lockfile says. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './places.ts'

export interface Package {
  readonly name: string
  readonly version: string
  /** An SPDX id or expression. */
  readonly license: string
  /** The text of it, if the package brings one. */
  readonly licenseText: string | undefined
  /** Of its archive, as the lockfile has it: `sha512-…` in base64. */
  readonly integrity: string
}

/** Reads the packages in `folders`. Throws for one that is not in pnpm-lock.yaml or names no licence. */
export function readPackages(folders: readonly string[]): Package[] {
  const lockfile = readFileSync(join(ROOT, 'pnpm-lock.yaml'), 'utf8')
  return folders.map((folder) => {
    const manifest = readFileSync(join(folder, 'package.json'), 'utf8')
    const { name, version, license } = JSON.parse(manifest) as Record<'name' | 'version' | 'license', string>
    const entry = lockfile.split(`\n  ${name.startsWith('@') ? `'${name}@${version}'` : `${name}@${version}`}:\n`)[1]
    const [, integrity] = /^ {4}resolution: \{integrity: ([^},]+)/.exec(entry ?? '') ?? []
    if (integrity === undefined) throw new Error(`${name}@${version} is not in pnpm-lock.yaml`)
    if (typeof license !== 'string') throw new Error(`${name}@${version} does not state its licence`)
    return { name, version, license, licenseText: licenseIn(folder), integrity }
  })
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

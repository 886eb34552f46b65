/** A release: the executable, and an archive of it with the files that an operator needs beside it. */
import { copyFileSync, cpSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checksums, pack } from './archive.ts'
import { bundleServer, bundleWorker } from './bundle.ts'
import { makeExecutable } from './executable.ts'
import type { Identity } from './identity.ts'
import { nodeFor, type Arch } from './node-binary.ts'
import { licenseIn, licenseTexts, readPackages } from './packages.ts'
import { ROOT } from './paths.ts'
import { billOfMaterials } from './sbom.ts'
import { settingsExample } from './settings-example.ts'

/** The pages of `docs` for operators. */
const HANDBOOK = ['operations.md', 'operations', 'account-life.md', 'api.md', 'threats.md', 'wire.md', 'decisions']

export interface Release {
  readonly executable: string
  readonly archive: string
}

/** Makes the release in `folder`, replacing files of the same name. Calls `says` as each step begins. */
export async function makeRelease(
  folder: string,
  identity: Identity,
  { arch, says }: { arch: Arch; says: (step: string) => void },
): Promise<Release> {
  const name = `rejoin-${identity.version}-linux-${arch}`
  const contents = join(folder, name)
  const executable = join(folder, 'rejoin')
  const archive = join(folder, `${name}.tar.gz`)
  for (const former of [contents, executable, archive]) rmSync(former, { recursive: true, force: true })
  mkdirSync(contents, { recursive: true })

  says('bundling the server and its libraries')
  const [server, worker] = [await bundleServer(), await bundleWorker()]
  says('making the executable')
  makeExecutable(executable, { code: server.code, workerCode: worker.code, commit: identity.commit, arch })
  linkSync(executable, join(contents, 'rejoin'))
  cpSync(join(import.meta.dirname, 'release'), contents, { recursive: true })
  says('collecting the handbook, licences and checksums')
  for (const page of HANDBOOK) cpSync(join(ROOT, 'docs', page), join(contents, 'docs', page), { recursive: true })
  copyFileSync(join(ROOT, 'LICENSE'), join(contents, 'LICENSE'))
  const packages = readPackages([...new Set([...server.packageFolders, ...worker.packageFolders])].toSorted())
  const write = (file: string, text: string) => writeFileSync(join(contents, file), text)
  write('rejoin.env.example', settingsExample())
  write('sbom.cdx.json', `${JSON.stringify(billOfMaterials(identity, packages), null, 2)}\n`)
  write('THIRD-PARTY-LICENSES.txt', licenseTexts(packages, nodeLicense(arch)))
  write('SHA256SUMS', await checksums(contents))
  says('packing the archive')
  await pack(contents, archive, identity.epoch)
  rmSync(contents, { recursive: true })
  return { executable, archive }
}

/** Beside the binary's folder in every archive of Node. */
function nodeLicense(arch: Arch): string {
  const text = licenseIn(dirname(dirname(nodeFor(arch))))
  if (text === undefined)
    throw new Error(`There is no licence file beside ${nodeFor(arch)}. Use Node from its official archive.`)
  return text
}

/** The bill of materials of a release, and what the schema of CycloneDX has against it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'

export interface Component {
  readonly name: string
  readonly version: string
  readonly supplier?: { readonly name: string }
  readonly licenses?: readonly object[]
  readonly components?: readonly Component[]
}

export interface Bill {
  readonly text: string
  readonly serialNumber: string
  /** Of Rejoin itself, of all that is in it, and of what those consist of. */
  readonly components: readonly Component[]
}

export function billIn(unpacked: string): Bill {
  const text = readFileSync(join(unpacked, 'sbom.cdx.json'), 'utf8')
  const { serialNumber, metadata, components } = JSON.parse(text) as {
    serialNumber: string
    metadata: { component: Component }
    components: Component[]
  }
  const within = (all: readonly Component[]): Component[] =>
    all.flatMap((each) => [each, ...within(each.components ?? [])])
  return { text, serialNumber, components: within([metadata.component, ...components]) }
}

/** Null when all is well. SPDX ids are in the schema, and each field that it does not know is a fault. */
export function faultsOf({ text }: Pick<Bill, 'text'>): Promise<unknown> {
  return new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text)
}

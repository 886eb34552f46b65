/** The version of this program. */
import { isExecutable, textAsset } from '../core/runtime/assets.ts'

export interface Version {
  readonly version: string
  /** The commit of the build; null for a program that runs from its sources. */
  readonly commit: string | null
  /** The version of Node. */
  readonly node: string
}

/** An asset that the build adds. */
export const COMMIT_ASSET = 'commit'

export function readVersion(): Version {
  const { version } = JSON.parse(textAsset('../package.json')) as { version: string }
  return { version, commit: isExecutable ? textAsset(COMMIT_ASSET) : null, node: process.versions.node }
}

export function versionLine({ version, commit, node }: Version): string {
  return `rejoin ${version} (${commit === null ? 'from its sources' : `commit ${commit}`}, Node ${node})`
}

/** Which Rejoin this is. */
import { isExecutable, textAsset } from '../core/runtime/assets.ts'

export interface Version {
  readonly version: string
  /** The commit that it was built from; null when it runs from its sources. */
  readonly commit: string | null
  /** The Node within it, or under it. */
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

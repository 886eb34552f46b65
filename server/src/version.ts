/** Which Rejoin this is. */

export interface Version {
  readonly version: string
  /** The Node under it. */
  readonly node: string
}

export function readVersion(): Version {
  return { version: '0.1.0', node: process.versions.node }
}

export function versionLine({ version, node }: Version): string {
  return `rejoin ${version} (Node ${node})`
}

/** The bill of materials, as CycloneDX 1.6: what code of others is in the executable, down to what Node consists of. */
import SQLite from 'better-sqlite3'
import type { Identity } from './identity.ts'
import type { Package } from './packages.ts'

interface Component {
  readonly type: 'library' | 'platform'
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly [further: string]: unknown
}

/** Numbers of interfaces, which are no libraries. */
const NOT_PARTS = ['node', 'modules', 'napi', 'unicode', 'cldr', 'tz']

export function billOfMaterials({ version, epoch }: Identity, packages: readonly Package[]): object {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: new Date(epoch * 1000).toISOString(),
      component: { type: 'application', name: 'rejoin', version, licenses: licenses('MIT') },
    },
    components: [...packages.map(ofNpm), generic('library', 'sqlite', sqliteVersion()), node()],
  }
}

function ofNpm({ name, version, license, integrity }: Package): Component {
  const [algorithm, digest = ''] = integrity.split('-')
  if (algorithm !== 'sha512') throw new Error(`${name}@${version} is locked by ${algorithm}`)
  return {
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    licenses: licenses(license),
    // Of the archive in the registry, which is what was installed.
    hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }],
  }
}

function node(): Component {
  const { versions } = process
  const parts = Object.entries(versions).filter(([name]) => !NOT_PARTS.includes(name))
  return {
    ...generic('platform', 'node', versions.node),
    components: parts.map(([name, version = '']) => generic('library', name, version)),
  }
}

function generic(type: Component['type'], name: string, version: string): Component {
  return { type, name, version, purl: `pkg:generic/${name}@${version}` }
}

function licenses(license: string): object[] {
  return /^[\w.+-]+$/.test(license) ? [{ license: { id: license } }] : [{ expression: license }]
}

/** Of the one within better-sqlite3. */
function sqliteVersion(): string {
  const db = new SQLite(':memory:')
  const version = db.prepare('select sqlite_version()').pluck().get()
  db.close()
  return String(version)
}

/** The bill of materials, as CycloneDX 1.6: all third-party code in the executable, down to the parts of Node. */
import SQLite from 'better-sqlite3'
import { v5 } from 'uuid'
import type { Identity } from './identity.ts'
import type { Package } from './packages.ts'

interface Part {
  readonly supplier: string
  /** An SPDX id or expression. */
  readonly license: string
}

interface Component {
  readonly type: 'application' | 'library' | 'platform'
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly [further: string]: unknown
}

/** Names in `process.versions` that stand for interfaces and data, not for libraries. */
const NOT_PARTS = ['node', 'modules', 'napi', 'unicode', 'cldr', 'tz']

/** The parts of Node, by their names in `process.versions`. */
const PARTS: Readonly<Record<string, Part>> = {
  acorn: { supplier: 'Acorn contributors', license: 'MIT' },
  ada: { supplier: 'Ada contributors', license: 'MIT OR Apache-2.0' },
  amaro: { supplier: 'OpenJS Foundation', license: 'MIT' },
  ares: { supplier: 'c-ares project', license: 'MIT' },
  brotli: { supplier: 'Google', license: 'MIT' },
  icu: { supplier: 'Unicode, Inc.', license: 'Unicode-3.0' },
  libffi: { supplier: 'libffi project', license: 'MIT' },
  lief: { supplier: 'LIEF project', license: 'Apache-2.0' },
  llhttp: { supplier: 'OpenJS Foundation', license: 'MIT' },
  merve: { supplier: 'Yagiz Nizipli', license: 'MIT' },
  nbytes: { supplier: 'OpenJS Foundation', license: 'MIT' },
  ncrypto: { supplier: 'OpenJS Foundation', license: 'MIT' },
  nghttp2: { supplier: 'nghttp2 project', license: 'MIT' },
  nghttp3: { supplier: 'nghttp2 project', license: 'MIT' },
  ngtcp2: { supplier: 'nghttp2 project', license: 'MIT' },
  openssl: { supplier: 'OpenSSL Library', license: 'Apache-2.0' },
  simdjson: { supplier: 'simdjson project', license: 'Apache-2.0 OR MIT' },
  simdutf: { supplier: 'simdutf project', license: 'Apache-2.0 OR MIT' },
  sqlite: { supplier: 'SQLite', license: 'blessing' },
  undici: { supplier: 'OpenJS Foundation', license: 'MIT' },
  uv: { supplier: 'libuv project', license: 'MIT' },
  uvwasi: { supplier: 'OpenJS Foundation', license: 'MIT' },
  v8: { supplier: 'Google', license: 'BSD-3-Clause' },
  zlib: { supplier: 'Chromium project', license: 'Zlib' },
  zstd: { supplier: 'Meta', license: 'BSD-3-Clause OR GPL-2.0-only' },
}

const OURS: Part = { supplier: 'The Rejoin authors', license: 'MIT' }
const OF_NODE: Part = { supplier: 'OpenJS Foundation', license: 'MIT' }

/** Throws for a part of Node whose licence the table does not have. */
export function billOfMaterials({ version, epoch }: Identity, packages: readonly Package[]): object {
  const contents = {
    metadata: {
      timestamp: new Date(epoch * 1000).toISOString(),
      component: { ...generic('application', 'rejoin', version, OURS), 'bom-ref': 'rejoin' },
      supplier: { name: OURS.supplier },
    },
    components: [...packages.map(ofNpm), generic('library', 'sqlite', sqliteVersion(), partOf('sqlite')), node()],
  }
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    // The same for two builds of the same contents, and another for any other contents.
    serialNumber: `urn:uuid:${v5(JSON.stringify(contents), v5.URL)}`,
    version: 1,
    ...contents,
  }
}

function ofNpm({ name, version, supplier, license, integrity }: Package): Component {
  const [algorithm, digest = ''] = integrity.split('-')
  if (algorithm !== 'sha512') throw new Error(`${name}@${version} is locked by ${algorithm}`)
  return {
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    supplier: { name: supplier },
    licenses: licenses(license),
    // The hash of the archive in the registry, from which the package was installed.
    hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }],
  }
}

function node(): Component {
  const { versions } = process
  // A part without a version was left out of this build of Node.
  const parts = Object.entries(versions).filter(([name, version]) => !NOT_PARTS.includes(name) && version !== '')
  return {
    ...generic('platform', 'node', versions.node, OF_NODE),
    components: parts.map(([name, version = '']) => generic('library', name, version, partOf(name))),
  }
}

function partOf(name: string): Part {
  const part = PARTS[name]
  if (part === undefined) throw new Error(`The licence of ${name}, a part of Node, is not in ${import.meta.filename}.`)
  return part
}

function generic(type: Component['type'], name: string, version: string, { supplier, license }: Part): Component {
  const purl = `pkg:generic/${name}@${encodeURIComponent(version)}`
  return { type, name, version, purl, supplier: { name: supplier }, licenses: licenses(license) }
}

function licenses(license: string): object[] {
  return /^[\w.+-]+$/.test(license) ? [{ license: { id: license } }] : [{ expression: license }]
}

/** The version of SQLite within better-sqlite3. */
function sqliteVersion(): string {
  const db = new SQLite(':memory:')
  const version = db.prepare('select sqlite_version()').pluck().get()
  db.close()
  return String(version)
}

/** The files that go with the handbook, for other programs: these can read them, and the names in them exist. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { settings } from '@rejoin/server/operations/config/config.ts'
import { createLog } from '@rejoin/server/core/runtime/log.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

it('has a Compose file that mounts the settings where every command reads them, and the data where the image has it', () => {
  const { services, volumes } = parse(read('server/build/release/compose.yaml')) as {
    services: { rejoin: { volumes: string[]; ports: string[]; stop_grace_period: string } }
    volumes: object
  }
  const image = read('server/build/release/Dockerfile')
  const variables = Object.fromEntries(
    [...image.matchAll(/\b(REJOIN_\w+)=(\S+)/g)].map(([, name = '', value]) => [name, value]),
  )
  const known = settings().map(({ name }) => name)
  expect(Object.keys(variables).filter((name) => !known.includes(name))).toEqual([])
  const folder = variables['REJOIN_DATA_DIR']
  expect(services).toMatchObject({
    rejoin: {
      build: '.',
      volumes: [`data:${folder}`, './rejoin.env:/etc/rejoin.env:ro'],
      read_only: true,
      cap_drop: ['ALL'],
    },
  })
  expect(volumes).toEqual({ data: null })
  expect(image).toContain(`VOLUME ${folder}`)
  const [, port] = services.rejoin.ports[0]?.split(/:(?=\d+$)/) ?? []
  expect(port).toBe(settings().find(({ name }) => name === 'REJOIN_PORT')?.default)
  // The server ends within twenty seconds in any case.
  expect(Number.parseInt(services.rejoin.stop_grace_period, 10)).toBeGreaterThan(20)
})

interface Filebeat {
  readonly 'filebeat.inputs': readonly { readonly type: string; readonly id: string }[]
  readonly processors: readonly Readonly<Record<string, object>>[]
  readonly 'output.elasticsearch': object
}

it('sends the journal or the log of Docker to Elasticsearch, by fields that lines of the log have', () => {
  const text = read('docs/operations/filebeat.yml')
  const own = parse(text) as Filebeat
  expect(own['filebeat.inputs']).toEqual([
    { type: 'journald', id: 'rejoin', 'include_matches.match': ['_SYSTEMD_UNIT=rejoin.service'] },
  ])
  expect(Object.keys(own)).toEqual(['filebeat.inputs', 'processors', 'output.elasticsearch'])
  const lines: string[] = []
  createLog('info', { write: (line) => void lines.push(line) }).info('it works')
  const line: unknown = JSON.parse(lines.join(''))
  expect(line).toMatchObject({ level: 30, time: expect.any(Number), msg: 'it works' })
  const fields = [...text.matchAll(/(?:field|from): rejoin\.(\w+)/g)].map(([, name = '']) => name)
  expect(fields).toEqual(['time', 'msg'])
  expect(Object.keys(line as object)).toEqual(expect.arrayContaining(fields))
  expect(own.processors.flatMap((each) => Object.keys(each))).toEqual(['decode_json_fields', 'timestamp', 'rename'])

  // The entry for Docker, which is commented out, in place of the journal's.
  const [, commented = ''] = /\n((?: {2}# .*\n)+)processors:/.exec(text) ?? []
  const block = commented.split('\n').map((each) => each.replace(/^ {2}# {0,1}/, '  '))
  const docker = parse(`filebeat.inputs:\n${block.filter((each) => !/^ {2}[A-Z]/.test(each)).join('\n')}`) as Filebeat
  expect(docker['filebeat.inputs']).toEqual([
    { type: 'filestream', id: 'rejoin', paths: ['/var/lib/docker/containers/*/*.log'], parsers: [{ container: {} }] },
  ])
})

it('leads to each of them from the handbook', () => {
  const handbook = read('docs/operations.md')
  for (const name of ['alerts.yml', 'filebeat.yml', 'grafana-dashboard.json'])
    expect(handbook).toContain(`(operations/${name})`)
  for (const name of ['compose.yaml', 'Dockerfile']) expect(handbook).toContain(`\`${name}\``)
  const blocks = [...handbook.matchAll(/^( *)```yaml\n([^]*?)^ *```$/gm)]
  const [replica, scrapes] = blocks.map(
    ([, indent = '', block = '']) => parse(block.replaceAll(`\n${indent}`, '\n')) as object,
  )
  expect(replica).toMatchObject({ dbs: [{ path: '/var/lib/rejoin/rejoin.db' }] })
  // The alert for a server that is down asks by this name.
  expect(scrapes).toMatchObject({ rule_files: ['alerts.yml'], scrape_configs: [{ job_name: 'rejoin' }] })
})

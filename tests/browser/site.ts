/** Serves the page on an origin of its own, so that the Rejoin server is another one to it. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { bundle, type Bundle } from './bundle.ts'

export interface Site extends AsyncDisposable {
  readonly url: string
}

let script: Promise<Bundle> | undefined

/** The site until it is disposed; then nothing answers at its address. */
export async function openSite(): Promise<Site> {
  script ??= bundle(join(import.meta.dirname, 'page.ts'))
  const { code } = await script
  const files = new Map([
    ['/', { type: 'text/html', body: read('page.html') }],
    ['/page.js', { type: 'text/javascript', body: code }],
    ['/worker.js', { type: 'text/javascript', body: read('worker.js') }],
  ])
  const server = createServer((request, response) => {
    const file = files.get(new URL(request.url ?? '/', 'http://site').pathname)
    if (file === undefined) response.writeHead(404).end()
    else
      response
        .writeHead(200, { 'content-type': `${file.type}; charset=utf-8`, 'cache-control': 'no-store' })
        .end(file.body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the site does not listen')

  return {
    url: `http://127.0.0.1:${address.port}/`,
    async [Symbol.asyncDispose]() {
      if (!server.listening) return
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

function read(name: string): string {
  return readFileSync(join(import.meta.dirname, name), 'utf8')
}

/** The pages of the first run, of the links in letters, and of signing in; no other part of a user interface. */
import type { Hono } from 'hono'
import { textAsset } from '../core/runtime/assets.ts'

const FILES = {
  '/join': ['join.html', 'text/html; charset=utf-8'],
  '/reset-password': ['reset-password.html', 'text/html; charset=utf-8'],
  '/setup': ['setup.html', 'text/html; charset=utf-8'],
  '/sign-in': ['sign-in.html', 'text/html; charset=utf-8'],
  '/pages/setup.js': ['setup.js', 'text/javascript; charset=utf-8'],
  '/pages/links.js': ['links.js', 'text/javascript; charset=utf-8'],
  '/pages/sign-in.js': ['sign-in.js', 'text/javascript; charset=utf-8'],
  '/pages/form.js': ['form.js', 'text/javascript; charset=utf-8'],
  '/pages/form.css': ['form.css', 'text/css; charset=utf-8'],
} as const

/** These pages cannot be framed, and load and reach nothing but this server. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-cache',
}

export function servePages(http: Hono): void {
  // Relative, like every address on the pages: a proxy may serve them below a path.
  http.get('/', (context) => context.redirect('sign-in'))
  for (const [path, [name, type]] of Object.entries(FILES)) {
    const content = textAsset(`http/pages/${name}`)
    http.get(path, (context) => context.body(content, 200, { ...HEADERS, 'content-type': type }))
  }
}

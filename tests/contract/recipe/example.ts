/**
 * The program with the example commands, whose sources are in memory only: a process of its own, which calls them by
 * every door, runs the checks of other tests on them, and prints what it saw as JSON.
 */
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ROOT, sourcesWithout } from './steps.ts'

const sources = new Map([...sourcesWithout()].map(([path, source]) => [pathToFileURL(path).href, source]))
const SHARED = '@rejoin/shared/'

/** Node looks for files on the disk, where a new one is not. */
function urlOf(specifier: string, parent: string | undefined): string | null {
  if (specifier.startsWith(SHARED)) {
    return pathToFileURL(join(ROOT, 'shared/src', specifier.slice(SHARED.length))).href
  }
  return specifier.startsWith('.') ? new URL(specifier, parent).href : null
}

registerHooks({
  resolve(specifier, context, next) {
    const url = urlOf(specifier, context.parentURL)
    if (url === null || !sources.has(url)) return next(specifier, context)
    return { url, format: 'module-typescript', shortCircuit: true }
  },
  load(url, context, next) {
    const source = sources.get(url)
    return source == null ? next(url, context) : { source, format: 'module-typescript', shortCircuit: true }
  },
})

const { play } = await import('./play.ts')
process.stdout.write(JSON.stringify(await play()))

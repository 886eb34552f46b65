/** Where things are in the repository. */
import { join, resolve } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '../..')
export const SERVER = join(ROOT, 'server')

/** The server, and the program of its worker threads, each with all that it imports as one file; the packages in them. */
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { SERVER } from './paths.ts'

export interface Bundle {
  readonly code: string
  /** The folders of the packages of which code is in it. */
  readonly packageFolders: readonly string[]
}

export const bundleServer = () => bundle('src/main.ts', 'esm')

/** The text of a thread is no module: it is evaluated. */
export const bundleWorker = () => bundle('src/worker.ts', 'cjs')

/** Throws when something is not found, or would have to be found at run time. */
async function bundle(entry: string, format: 'esm' | 'cjs'): Promise<Bundle> {
  await using build = await rolldown({
    input: join(SERVER, entry),
    platform: 'node',
    onLog(level, log) {
      if (level === 'warn') throw new Error(log.message)
    },
  })
  // V8 keeps the text of a program, with two bytes for each character if one of them is beyond Latin-1.
  const { output } = await build.generate({ format, minify: true, charset: 'ascii', codeSplitting: false })
  const [{ code, modules }] = output
  const folders = Object.keys(modules).flatMap((path) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path) ?? [])
  return { code, packageFolders: [...new Set(folders)].toSorted() }
}

/** The server with all that it imports as one module, and the packages that are in it. */
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { SERVER } from './places.ts'

export interface Bundle {
  readonly code: string
  /** The folders of the packages of which code is in it. */
  readonly packageFolders: readonly string[]
}

/** Throws when something is not found, or would have to be found at run time. */
export async function bundleServer(): Promise<Bundle> {
  await using build = await rolldown({
    input: join(SERVER, 'src/main.ts'),
    platform: 'node',
    onLog(level, log) {
      if (level === 'warn') throw new Error(log.message)
    },
  })
  // V8 keeps the text of a program, with two bytes for each character if one of them is beyond Latin-1.
  const { output } = await build.generate({ format: 'esm', minify: true, charset: 'ascii', codeSplitting: false })
  const [{ code, modules }] = output
  const folders = Object.keys(modules).flatMap((path) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path) ?? [])
  return { code, packageFolders: [...new Set(folders)].toSorted() }
}

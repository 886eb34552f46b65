/** Bundles for a browser, and what a bundle was made of. */
import { isBuiltin } from 'node:module'
import { rolldown } from 'rolldown'

export interface Bundle {
  readonly code: string
  /** The files that were read, whether or not anything of them is left in the code. */
  readonly modules: readonly string[]
  /** `importer imports name`, for each import of a module that only Node has. */
  readonly nodeImports: readonly string[]
  /** What else the bundler had to say. */
  readonly warnings: readonly string[]
}

/** One minified module of everything that `input`, a path, reaches. Throws when something is not found. */
export async function bundle(input: string): Promise<Bundle> {
  const modules: string[] = []
  const nodeImports: string[] = []
  const warnings: string[] = []
  await using build = await rolldown({
    input,
    platform: 'browser',
    onLog: (level, log) => void (level === 'warn' && warnings.push(log.message)),
    plugins: [
      {
        name: 'look-at-the-graph',
        resolveId(name, importer) {
          if (!isBuiltin(name)) return null
          nodeImports.push(`${importer} imports ${name}`)
          return { id: name, external: true }
        },
        moduleParsed: ({ id }) => void modules.push(id),
      },
    ],
  })
  const { output } = await build.generate({ format: 'esm', minify: true, codeSplitting: false })
  return { code: output[0].code, modules, nodeImports, warnings }
}

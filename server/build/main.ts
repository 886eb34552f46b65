/** `pnpm build`: makes the release in `dist`, or checks that two of them are equal. An error is a sentence. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { readIdentity } from './identity.ts'
import type { Arch } from './node-binary.ts'
import { ROOT } from './paths.ts'
import { makeRelease } from './release.ts'

interface Options {
  readonly out: string
  readonly arch: Arch
  readonly check?: true
}

const program = new Command('build')
  .description('Build the single executable and its archive.')
  .option('--out <folder>', 'output folder', join(ROOT, 'dist'))
  .addOption(new Option('--arch <arch>', 'processor architecture').choices(['x64', 'arm64']).default(process.arch))
  .option('--check', 'build twice in temporary folders, compare the two and keep neither')
  .action(async (options: Options) => (options.check === true ? check(options) : build(options)))

/** Progress goes to standard error; standard output lists the files made. */
function says(step: string): void {
  console.error(`${step} …`)
}

async function build({ out, arch }: Options): Promise<void> {
  const release = await makeRelease(resolve(out), readIdentity(), { arch, says })
  for (const file of [release.executable, release.archive]) {
    console.log(`${relative(process.cwd(), file)}  ${(statSync(file).size / 1e6).toFixed(1)} MB`)
  }
}

async function check({ arch }: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-build-'))
  try {
    const identity = readIdentity()
    const first = await makeRelease(join(folder, 'first'), identity, { arch, says })
    const second = await makeRelease(join(folder, 'second'), identity, { arch, says })
    const differ = (['executable', 'archive'] as const).filter(
      (file) => !readFileSync(first[file]).equals(readFileSync(second[file])),
    )
    if (differ.length > 0) throw new Error(`The two builds differ in: ${differ.join(', ')}.`)
    console.log('The two builds are identical, byte by byte.')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = 1
  console.error(error instanceof Error ? error.message : error)
}

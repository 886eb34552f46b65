/** A small file system of a test's own in memory, where this machine lets it mount one. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Mount extends Disposable {
  readonly folder: string
  /** From now on, such as `ro`. */
  remount(options: string): void
}

/** Throws where only others may mount. */
export function mountSmall(options: string): Mount {
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-mount-'))
  const mount = (what: readonly string[]) => execFileSync('mount', [...what, folder], { stdio: 'ignore' })
  try {
    mount(['-t', 'tmpfs', '-o', options, 'tmpfs'])
  } catch (error) {
    rmdirSync(folder)
    throw error
  }
  return {
    folder,
    remount: (changed) => void mount(['-o', `remount,${changed}`]),
    [Symbol.dispose]() {
      execFileSync('umount', [folder])
      rmdirSync(folder)
    },
  }
}

function tryToMount(): boolean {
  try {
    using _disk = mountSmall('size=1m')
    return true
  } catch {
    return false
  }
}

export const CAN_MOUNT = tryToMount()

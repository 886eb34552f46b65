/** What systemd says of the unit in a release. */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const HAS_SYSTEMD = spawnSync('systemd-analyze', ['--version']).status === 0

/** Complaints about the unit with the executable where it is now; none when all is well. */
export function complaints(unpacked: string): string {
  const unit = join(unpacked, 'checked.service')
  const text = readFileSync(join(unpacked, 'rejoin.service'), 'utf8')
  writeFileSync(unit, text.replace('/usr/local/bin/rejoin', join(unpacked, 'rejoin')))
  const { stderr } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' })
  rmSync(unit)
  return stderr
}

/** From 0, which can do nothing, to 10. */
export function exposure(unpacked: string): number {
  const args = ['security', '--offline=yes', join(unpacked, 'rejoin.service')]
  const said = execFileSync('systemd-analyze', args, { encoding: 'utf8' })
  return Number(/Overall exposure level for .*: ([\d.]+)/.exec(said)?.[1])
}

/** An environment file for systemd with every setting, at its default and commented out. */
import { settings } from '@rejoin/server/config.ts'

const WIDTH = 100

/** What the unit sets for its own place. */
const SET_BY_UNIT = 'The unit sets it to /var/lib/rejoin.'

export function settingsExample(): string {
  const entries = settings().map(({ name, default: value = '', says }) => {
    const note = name === 'REJOIN_DATA_DIR' ? ` ${SET_BY_UNIT}` : ''
    return `${comment(says + note)}\n#${name}=${/[\s*]/.test(value) ? `"${value}"` : value}\n`
  })
  return `${comment('Settings of Rejoin. Copy to /etc/rejoin.env, readable by root alone, remove the # of what you change, and restart.')}\n\n${entries.join('\n')}`
}

function comment(text: string): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length >= WIDTH) lines.push(`# ${word}`)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.join('\n')
}

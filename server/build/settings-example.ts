/** A settings file with every setting, at its default and commented out; only where the data is, is said. */
import { settings } from '@rejoin/server/operations/config/config.ts'

const WIDTH = 100

/** For every command, as the unit sets it for the server. */
const DATA_DIR = '/var/lib/rejoin'

export function settingsExample(): string {
  const entries = settings().map(({ name, default: value = '', description }) => {
    if (name === 'REJOIN_DATA_DIR') return `${comment(description)}\n${name}=${DATA_DIR}\n`
    return `${comment(description)}\n#${name}=${/[\s*]/.test(value) ? `"${value}"` : value}\n`
  })
  return `${comment('Settings of Rejoin, for the service and every command. Copy this file to /etc/rejoin.env, readable by root and the group rejoin. To change a setting, remove its # and restart the service. Put a value with a quote, a # or a backslash between single quotes.')}\n\n${entries.join('\n')}`
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

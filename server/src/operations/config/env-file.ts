/**
 * The text of a settings file. systemd reads the same file (`EnvironmentFile`), so only lines that both read alike are
 * accepted; any other is refused with its number. It knows no setting by name.
 */
import { parseEnv } from 'node:util'
import { ConfigError } from '../../core/input/setting.ts'

const MAX_ENV_FILE_BYTES = 64 * 1024

const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=[ \t]*(.*)$/
const PLAIN = /^[^\s'"`\\#][^'"`\\#]*$/
const IN_SINGLE_QUOTES = /^'[^']*'$/
const IN_DOUBLE_QUOTES = /^"[^"\\]*"$/

/** The variables by name. Throws `ConfigError`, which names each line that systemd would read differently. */
export function readEnvText(file: string, bytes: Uint8Array): Record<string, string> {
  if (bytes.length > MAX_ENV_FILE_BYTES) {
    throw new ConfigError(`${file} has ${bytes.length} bytes; a settings file has at most ${MAX_ENV_FILE_BYTES}.`)
  }
  const values: Record<string, string> = {}
  const faults: string[] = []
  for (const [index, raw] of textOf(file, bytes).split('\n').entries()) {
    const line = raw.trim()
    const fault = faultIn(line)
    if (fault !== null) faults.push(`${file}, line ${index + 1} ${fault}`)
    // A comment that begins with ";" is one for systemd only.
    else if (!line.startsWith(';')) Object.assign(values, parseEnv(line))
  }
  if (faults.length > 0) throw new ConfigError(faults.join('\n'))
  return values
}

function textOf(file: string, bytes: Uint8Array): string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new ConfigError(`${file} is not UTF-8 text. Save it as UTF-8.`)
  }
  if (!text.startsWith('\uFEFF') && !text.includes('\0')) return text
  throw new ConfigError(`${file} has a byte order mark or a NUL byte in it. Save it as UTF-8 without one.`)
}

function faultIn(line: string): string | null {
  if (line === '') return null
  if (/^[#;]/.test(line)) {
    return line.endsWith('\\')
      ? 'is a comment that ends with \\, which systemd joins to the next line: remove the \\.'
      : null
  }
  if (line.startsWith('export ')) return 'begins with "export", which systemd does not read: remove that word.'
  const [, name = '', value] = ASSIGNMENT.exec(line) ?? []
  if (value === undefined) return 'is not NAME=value. Begin comments with #.'
  if (/^rejoin_/i.test(name) && name !== name.toUpperCase()) return `sets ${name}: write ${name.toUpperCase()}.`
  if (value === '' || IN_SINGLE_QUOTES.test(value) || IN_DOUBLE_QUOTES.test(value) || PLAIN.test(value)) return null
  return 'has a quote, a \\ or a # in its value: put the whole value between single quotes, on one line, with nothing after them.'
}

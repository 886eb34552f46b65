import { InvalidArgumentError } from 'commander'
import type { AuditHead } from '../../core/audit.ts'
import { doctor } from '../doctor/doctor.ts'
import { EXIT } from '../exit-codes.ts'
import {
  configOf,
  withDataDir,
  withExamples,
  withJson,
  type AddCommand,
  type DataDirOption,
  type JsonOption,
} from '../options.ts'

interface Options extends DataDirOption, JsonOption {
  readonly auditHead?: AuditHead
  readonly fix?: boolean
}

export const addDoctor: AddCommand = (program, environment) => {
  const described = program
    .command('doctor')
    .description('check data, disk, settings, mail and backups; exit code 2 if there is a problem')
    .option('--fix', 'repair the problems that can be repaired safely')
    .option('--audit-head <head>', 'an audit log head printed earlier, as number:hash', auditHead)
  withExamples(withJson(withDataDir(described)), {
    'rejoin doctor --data-dir /var/lib/rejoin': 'prints every check and its result; the server may run',
    'rejoin doctor --audit-head 4711:8f3c…': 'also detects an audit log rewritten since that head was printed',
  }).action(async (options: Options) => {
    if (!(await doctor(configOf(environment, options), options))) process.exitCode = EXIT.found
  })
}

/** Throws `InvalidArgumentError` for text that `doctor` cannot have printed. */
function auditHead(text: string): AuditHead {
  const [, number, hash] = /^(\d+):([0-9a-f]*)$/.exec(text) ?? []
  if (number === undefined || hash === undefined)
    throw new InvalidArgumentError('Enter it as doctor printed it: number:hash.')
  return { number: Number(number), hash }
}

import { InvalidArgumentError } from 'commander'
import type { AuditHead } from '../../core/audit.ts'
import { doctor } from '../../doctor/doctor.ts'
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
    .description('look at the data, its disk, the settings, mail and backups; exit code 2 when something is wrong')
    .option('--fix', 'do what is safe about what it finds')
    .option('--audit-head <head>', 'a head of the audit log that was noted before, as number:hash', auditHead)
  withExamples(withJson(withDataDir(described)), {
    'rejoin doctor --data-dir /var/lib/rejoin': 'says what it finds, also while a server runs',
    'rejoin doctor --audit-head 4711:8f3c…':
      'also finds an audit log that somebody has written anew since it was noted',
  }).action(async (options: Options) => {
    if (!(await doctor(configOf(environment, options), options))) process.exitCode = EXIT.found
  })
}

/** Throws `InvalidArgumentError` for what `doctor` has not printed. */
function auditHead(text: string): AuditHead {
  const [, number, hash] = /^(\d+):([0-9a-f]*)$/.exec(text) ?? []
  if (number === undefined || hash === undefined) throw new InvalidArgumentError('It is printed as number:hash.')
  return { number: Number(number), hash }
}

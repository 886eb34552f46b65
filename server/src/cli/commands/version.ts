import { readVersion, versionLine } from '../../operations/version.ts'
import { withJson, type AddCommand, type JsonOption } from '../options.ts'
import { print } from '../../core/runtime/terminal.ts'

export const addVersion: AddCommand = (program) => {
  withJson(program.command('version').description('print the version')).action(({ json }: JsonOption) => {
    const version = readVersion()
    print(`${json === true ? JSON.stringify(version) : versionLine(version)}\n`)
  })
}

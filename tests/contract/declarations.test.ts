/** The declarations of the API beside each other: each of its procedures has one, and what they name is there. */
import { expect, it } from 'vitest'
import { z } from 'zod'
import { scopesOf } from '@rejoin/server/core/api/operations.ts'
import { appRouter, operations } from '@rejoin/server/router.ts'
import { ACCESS } from '@rejoin/shared/access/access.ts'
import type { AnyOperation } from '@rejoin/shared/contract/operation.ts'
import { isErrorCode } from '@rejoin/shared/errors.ts'
import { SCOPES } from '../access/table.ts'

const ALL = [...operations]

/** The paths of the operations that break a rule. */
function offenders(isOffence: (operation: AnyOperation, path: string) => boolean): string[] {
  return ALL.filter(([path, operation]) => isOffence(operation, path)).map(([path]) => path)
}

function twice(values: readonly string[]): string[] {
  return values.filter((value, at) => values.indexOf(value) !== at)
}

function fieldsOf({ input }: AnyOperation): string[] {
  const { properties = {} } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' })
  return Object.keys(properties)
}

/** Pages sign in by the same command as devices; only where the token goes differs. */
const isByCookie = (path: string) => path.endsWith('ByCookie')

it('gives each operation a name of its own', () => {
  expect(ALL.length).toBeGreaterThan(70)
  expect(twice(ALL.filter(([path]) => !isByCookie(path)).map(([, { name }]) => name))).toEqual([])
})

it('names a query by its path', () => {
  expect(offenders(({ type, name }, path) => type === 'query' && name !== path)).toEqual([])
})

it('gives each operation of the REST door a route of its own, whose parameters are fields of its input', () => {
  const routes = ALL.flatMap(([path, { rest }]) => (rest === null ? [] : [{ path, rest }]))
  // Two that differ in the names of their parameters only are one address.
  expect(twice(routes.map(({ rest }) => rest.replaceAll(/\{\w+\}/g, '{}')))).toEqual([])
  const params = (rest: string) => [...rest.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  expect(
    offenders((operation) => params(operation.rest ?? '').some((name) => !fieldsOf(operation).includes(name))),
  ).toEqual([])
})

it('writes a route in small letters, its words apart by hyphens', () => {
  const isPlain = (rest: string) => /^[A-Z]+(\/([a-z]+(-[a-z]+)*|\{[a-zA-Z]+\}))+$/.test(rest.replace(' ', ''))
  expect(offenders(({ rest }) => rest !== null && !isPlain(rest))).toEqual([])
})

it('answers at the REST door with a query that is there, and that the fields of the command are enough for', () => {
  const isAnswered = (command: AnyOperation, answer: string) => {
    const query = operations.get(answer)
    if (query?.type !== 'query') return false
    const { required = [] } = z.toJSONSchema(query.input, { io: 'input', unrepresentable: 'any' })
    return required.every((field) => fieldsOf(command).includes(field))
  }
  expect(
    offenders((each) => each.type === 'command' && each.answer !== null && !isAnswered(each, each.answer)),
  ).toEqual([])
})

it('mints the id of something new in a field that the input has', () => {
  expect(
    offenders((each) => each.type === 'command' && each.mints !== null && !fieldsOf(each).includes(each.mints)),
  ).toEqual([])
})

it('says in sentences what each operation does', () => {
  expect(offenders(({ doc }) => !/^[A-Z][^\n]{10,}[.]$/.test(doc))).toEqual([])
})

it('names codes of the table of errors and actions of the access table, none of them twice', () => {
  expect(offenders(({ codes }) => !codes.every(isErrorCode) || twice(codes).length > 0)).toEqual([])
  expect(
    offenders(({ actions }) => !actions.every((each) => Object.hasOwn(ACCESS, each)) || twice(actions).length > 0),
  ).toEqual([])
})

it('lets API tokens call what the table of their scopes names, and nothing else', () => {
  expect(offenders((operation) => scopesOf(operation).length > 0).toSorted()).toEqual(Object.keys(SCOPES).toSorted())
})

/** A client of another version, which may send a field more, must still be able to sign in. */
const LENIENT = ['accounts.logIn', 'accounts.logInByCookie']

/** Which of them an input is to be is looked at before its fields. */
function isStrictUnion(input: z.ZodType): boolean {
  const { oneOf = [] } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' })
  return (
    oneOf.length > 0 && oneOf.every((option) => typeof option === 'object' && option.additionalProperties === false)
  )
}

it('refuses an unknown field of any input, and says which', () => {
  const field = 'noFieldOfAnyInput'
  const isRefused = ({ input }: AnyOperation) => {
    const issues = input.safeParse({ [field]: 1 }).error?.issues ?? []
    const isUnknown = issues.some(({ code, message }) => code === 'unrecognized_keys' && message.includes(field))
    return isUnknown || isStrictUnion(input) || (input.safeParse(undefined).success && !input.safeParse({}).success)
  }
  expect(offenders((operation) => !isRefused(operation)).filter((path) => !LENIENT.includes(path))).toEqual([])
})

/** A place in a list is the whole last item of the page before, or its `next`. */
const PLACES = ['after', 'before']

it('refuses unknown fields within inputs too, but for places in lists', () => {
  const isStrict = (schema: z.core.JSONSchema.BaseSchema): boolean => {
    const { properties, items, anyOf = [], additionalProperties } = schema
    if (properties !== undefined && additionalProperties !== false) return false
    const inner = Object.entries(properties ?? {}).filter(([name]) => !PLACES.includes(name))
    const parts = [...inner.map(([, each]) => each), ...[items, additionalProperties].flat(), ...anyOf]
    return parts.every((each) => typeof each !== 'object' || isStrict(each))
  }
  const loose = offenders(({ input }) => !isStrict(z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' })))
  expect(loose.filter((path) => !LENIENT.includes(path))).toEqual([])
})

it('declares every procedure of the router', () => {
  const paths = Object.keys(appRouter._def.procedures)
  expect(paths.filter((path) => !operations.has(path))).toEqual([])
})

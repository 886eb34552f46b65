/** The places of a schema where there may be any number of something: lists, records, and bytes. */
import type { z } from 'zod'

interface Definition {
  readonly type: string
  readonly element?: z.ZodType
  readonly valueType?: z.ZodType
  readonly innerType?: z.ZodType
  readonly in?: z.ZodType
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly options?: readonly z.ZodType[]
}

/** As `set.skills[]`, `set.custom{}` and `update<>`. */
export function listsIn(schema: z.ZodType, path = ''): string[] {
  const { type, element, valueType, innerType, shape, options, ...rest } = schema.def as unknown as Definition
  if (type === 'array') return [`${path}[]`, ...(element === undefined ? [] : listsIn(element, `${path}[]`))]
  if (type === 'record') return [`${path}{}`, ...(valueType === undefined ? [] : listsIn(valueType, `${path}{}`))]
  if (type === 'custom') return [`${path}<>`]
  const inner = [innerType, rest.in, ...(options ?? [])].flatMap((each) =>
    each === undefined ? [] : listsIn(each, path),
  )
  const fields = Object.entries(shape ?? {}).flatMap(([name, each]) =>
    listsIn(each, path === '' ? name : `${path}.${name}`),
  )
  return [...new Set([...inner, ...fields])]
}

/**
 * JSON in the database. A disk may have damaged it: the reader supplies a default, the operator is told, and the rest
 * of the row is read as usual.
 */
import type { Read } from './db.ts'

type Teller = Pick<Read, 'passedOver'>

/** The value, or `otherwise` if the text is no JSON of its kind. `what` names the row in a sentence. */
export function storedJson<Value>(read: Teller, text: string, what: string, otherwise: Value): Value {
  const value = parsedAs<Value>(read, text, what, (json) => {
    if (kindOf(json) !== kindOf(otherwise)) throw new TypeError(`it is ${kindOf(json)}, not ${kindOf(otherwise)}`)
    return json as Value
  })
  return value ?? otherwise
}

/** The result of `parse`; null if the text is no JSON, or `parse` throws. */
export function parsedAs<Value>(
  read: Teller,
  text: string,
  what: string,
  parse: (json: unknown) => Value,
): Value | null {
  try {
    return parse(JSON.parse(text))
  } catch (error) {
    read.passedOver(what, error)
    return null
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : typeof value
}

/** The claims of the demo: each is compared with the real state, and the first that fails ends the demo. */
import { inspect, isDeepStrictEqual } from 'node:util'
import { held } from './terminal.ts'

/** A promise of the product that did not hold. */
export class DoesNotHold extends Error {
  override readonly name = 'DoesNotHold'
}

let count = 0

/** How many claims have held so far. */
export function heldSoFar(): number {
  return count
}

/** Says the claim, or throws `DoesNotHold` with it and the two values. */
export function mustEqual(claim: string, actual: unknown, expected: unknown): void {
  mustMatch(claim, actual, expected)
  held(claim)
}

/** The same without a line of its own, for one of many of a kind. */
export function mustMatch(claim: string, actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) {
    const difference = firstDifference(actual, expected)
    throw new DoesNotHold(`This does not hold: ${claim}\n  ${difference}`)
  }
  count += 1
}

/** Where the two differ, as deep as they have the same shape: a ticket is too much to read. */
function firstDifference(actual: unknown, expected: unknown, path = ''): string {
  if (isNested(actual) && isNested(expected)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)])
    const key = [...keys].find((each) => !isDeepStrictEqual(actual[each], expected[each]))
    if (key !== undefined) return firstDifference(actual[key], expected[key], `${path}.${key}`)
  }
  return `${path === '' ? '' : `${path.slice(1)}: `}expected ${shown(expected)}, found ${shown(actual)}`
}

function isNested(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function shown(value: unknown): string {
  return inspect(value, { depth: 6, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 200 })
}

/** The order of the files: the longest begin first, since one that begins last is waited for by everybody. */
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const LONGEST = [
  'sync/kill/kill',
  'contract/recipe',
  'browser/sdk',
  'clocks/excursions',
  'browser/pages',
  'clocks/ahead',
  'binary/operations',
  'binary/binary',
  'demo/demo',
  'cost/growth',
  'yjs/versions',
  'sync/faults/fixed-seeds',
  'accounts/guessing',
  'limits/size',
  'access/table',
  'sync/growth/rebuild',
  'machine/workers',
].map((name) => `/tests/${name}.test.ts`)

export class LongestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const byPlace = files.toSorted(
      (one, other) => placeOf(one) - placeOf(other) || compare(one.project.name, other.project.name),
    )
    return Promise.resolve(byPlace)
  }
}

/** Files of one project share a process, so they run one after the other. */
function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = LONGEST.findIndex((name) => moduleId.endsWith(name))
  return place === -1 ? LONGEST.length : place
}

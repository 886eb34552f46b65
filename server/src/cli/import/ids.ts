/** Ids derived from the content of the log, so that the same row refers to the same things in every run. */
import { composed } from '@rejoin/shared/names.ts'
import { v5 } from 'uuid'

/** Chosen once at random. Another value would make every earlier import look new. */
const NAMESPACE = '5b1de0c4-7a39-4d6f-9c1e-2f8a60d3b7e5'

type Kind = 'ticket' | 'user' | 'department' | 'update'

export function derivedId(kind: Kind, ...parts: readonly string[]): string {
  return idOf(kind, parts.map(composed))
}

/** The ids for this name, in any case of its letters: the present one, and the one that an earlier version gave. */
export function idsOfName(kind: 'user' | 'department', name: string): readonly [id: string, ...former: string[]] {
  const plain = composed(name.toLowerCase())
  const [id, former] = [idOf(kind, [plain]), idOf(kind, [plain.normalize('NFD')])]
  return id === former ? [id] : [id, former]
}

function idOf(kind: Kind, parts: readonly string[]): string {
  return v5(JSON.stringify([kind, ...parts]), NAMESPACE)
}

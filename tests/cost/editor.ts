/** The worst messages of stock Yjs clients, by the kind of message and by the content of which it has too much. */
import * as Y from 'yjs'
import {
  awarenessUpdate,
  encodeAwareness,
  encodeStateVector,
  encodeUpdate,
  type YjsMessage,
} from '@rejoin/server/doors/yjs/protocol.ts'
import type { RawEditor } from '../doors/editor.ts'
import { openEditor } from './open-editor.ts'
import { deletedAgain, farFromTheirPlace } from './forged.ts'
import { times, type Worst } from './stage.ts'

type Write = (doc: Y.Doc, n: number) => void

/** An update that does `write` to the content that `before` wrote; with `again`, one that was sent already. */
function updates(write: Write, { before, again = false }: { before?: Write; again?: boolean } = {}): Worst['prepare'] {
  return async ({ server, token, ticket }, n) => {
    const editor = await openEditor(server.url, await ticket(), token)
    // Keeps overwritten content, as a client without garbage collection does.
    const doc = new Y.Doc({ gc: false })
    before?.(doc, n)
    await editor.sendUpdate(Y.encodeStateAsUpdate(doc))
    const known = Y.encodeStateVector(doc)
    doc.transact(() => write(doc, n))
    const update = Y.encodeStateAsUpdate(doc, known)
    if (again) await editor.sendUpdate(update)
    return () => editor.sendUpdate(update)
  }
}

function messages(message: (n: number, editor: RawEditor) => Uint8Array): Worst['prepare'] {
  return async ({ server, token, ticket }, n) => {
    const editor = await openEditor(server.url, await ticket(), token)
    return async () => {
      editor.socket.send(message(n, editor))
      await editor.fence()
    }
  }
}

const notes = (doc: Y.Doc) => doc.getText('notes')
const atTheStart: Write = (doc, n) => times(n, () => notes(doc).insert(0, 'x'))
const oneWord: Write = (doc, n) => notes(doc).insert(0, 'x'.repeat(2 * n))

/** Writes of `n` clients at one place, none knowing of the others. */
function atOnePlace(n: number, parentSub: string | null): Uint8Array {
  const parts = times(n, (index) => {
    const doc = new Y.Doc({ guid: '' })
    doc.clientID = 1000 + index
    if (parentSub === null) notes(doc).insert(0, 'x')
    else doc.getMap('fields').set(parentSub, index)
    return Y.encodeStateAsUpdate(doc)
  })
  return Y.mergeUpdates(parts)
}

export const EDITOR: Readonly<Record<YjsMessage['kind'], Readonly<Record<string, Worst>>>> = {
  update: {
    'characters at the start': { n: 1000, prepare: updates(atTheStart) },
    'the same again': { n: 1000, prepare: updates(atTheStart, { again: true }) },
    'every other character deleted': {
      n: 1250,
      prepare: updates((doc, n) => times(n, (index) => notes(doc).delete(index, 1)), { before: oneWord }),
    },
    'many parts of a text with formats deleted': {
      n: 500,
      prepare: updates((doc, n) => notes(doc).delete(0, n), {
        before(doc, n) {
          atTheStart(doc, n)
          notes(doc).insert(n, 'bold', { bold: true })
        },
      }),
    },
    formats: {
      n: 250,
      prepare: updates((doc, n) => times(n, (at) => notes(doc).format(2 * at, 1, { [`k${at}`]: at })), {
        before: oneWord,
      }),
    },
    'halves of characters': {
      n: 250,
      prepare: updates((doc, n) => times(n, () => notes(doc).insert(0, '\uFFFDx'))),
    },
    'a field again and again': {
      n: 1000,
      prepare: updates((doc, n) => times(n, (index) => doc.getMap('fields').set('title', `Printer ${index}`))),
    },
    'fields that there are not': {
      n: 1000,
      prepare: updates((doc, n) => times(n, (index) => doc.getMap('fields').set(`field${index}`, index))),
    },
    tags: {
      n: 12,
      prepare: updates((doc, n) =>
        doc.getMap('fields').set(
          'tags',
          times(n, (tag) => `tag${tag}`),
        ),
      ),
    },
    'more tags than a ticket has': {
      n: 1000,
      prepare: updates((doc, n) =>
        doc.getMap('fields').set(
          'tags',
          times(n, (tag) => `tag${tag}`),
        ),
      ),
    },
    'custom fields': {
      n: 250,
      prepare: updates((doc, n) =>
        doc.getMap('fields').set('custom', Object.fromEntries(times(n, (index) => [`field${index}`, index]))),
      ),
    },
    'parts far from their place': {
      n: 1000,
      prepare: messages((n) => encodeUpdate(farFromTheirPlace(n))),
    },
    'the same deleted again and again': {
      n: 1000,
      prepare: messages((n) => encodeUpdate(deletedAgain(n))),
    },
    'clients at one place': {
      n: 25,
      prepare: async ({ server, token, ticket }, n) => {
        const editor = await openEditor(server.url, await ticket(), token)
        return () => editor.sendUpdate(atOnePlace(n, null))
      },
    },
    'clients at one field': {
      n: 25,
      prepare: async ({ server, token, ticket }, n) => {
        const editor = await openEditor(server.url, await ticket(), token)
        return () => editor.sendUpdate(atOnePlace(n, 'title'))
      },
    },
  },
  'state-vector': {
    'clients that nobody knows': {
      n: 4000,
      prepare: messages((n) => encodeStateVector(Y.encodeStateVector(new Map(times(n, (client) => [client + 1, 5]))))),
    },
  },
  awareness: {
    'a long state': {
      n: 1000,
      prepare: messages((n, { doc }) => encodeAwareness(awarenessUpdate(doc.clientID, 1, { name: 'x'.repeat(n) }))),
    },
    'many states': {
      n: 25,
      prepare: messages((n) => {
        const [count, ...entries] = times(n, (client) => awarenessUpdate(client + 1, 1, { name: 'x' })).map((update) =>
          update.slice(1),
        )
        return encodeAwareness(Uint8Array.from([n, ...(count ?? []), ...entries.flatMap((entry) => [...entry])]))
      }),
    },
  },
  'query-awareness': {},
}

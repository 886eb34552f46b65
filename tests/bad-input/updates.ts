/** Updates of documents that no editor of a ticket writes, each with the code that refuses it. */
import { v7 } from 'uuid'
import * as Y from 'yjs'
import { deletedAgain, farFromTheirPlace } from '../cost/forged.ts'

/** Writes nobody's editor makes, as updates of a document of its own: roots of another kind, and values of all kinds. */
function forged(write: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc()
  write(doc)
  return Y.encodeStateAsUpdate(doc)
}

/** Puts other bytes in the place of `XYZ`. */
function withBytes(update: Uint8Array, bytes: readonly number[]): Uint8Array {
  const copy = new Uint8Array(update)
  const at = Buffer.from(copy).indexOf('XYZ')
  copy.set(bytes, at)
  return copy
}

function nestedList(depth: number): unknown[] {
  let list: unknown[] = []
  for (let level = 0; level < depth; level += 1) list = [list]
  return list
}

const typed = forged((doc) => doc.getText('notes').insert(0, 'XYZ'))

export const BAD_UPDATES: Readonly<Record<string, { update: Uint8Array; code: string }>> = {
  'no bytes': { update: new Uint8Array(0), code: 'malformed-text' },
  'random bytes': { update: new Uint8Array([200, 3, 77, 9, 250, 1, 2]), code: 'malformed-text' },
  'an update that breaks off': { update: typed.slice(0, -4), code: 'malformed-text' },
  'an update of the second format': {
    update: Y.convertUpdateFormatV1ToV2(typed),
    code: 'malformed-text',
  },
  'text that is no UTF-8': { update: withBytes(typed, [0xed, 0xa0, 0x80]), code: 'malformed-text' },
  'half of a surrogate pair in a format': {
    update: forged((doc) => doc.getText('notes').insert(0, 'x', { bold: '\ud800' })),
    code: 'malformed-text',
  },
  'an unknown root': { update: forged((doc) => doc.getText('diary').insert(0, 'x')), code: 'forbidden' },
  'a comment put in': {
    update: forged((doc) => doc.getArray('comments').push([{ id: v7(), body: 'Forged' }])),
    code: 'forbidden',
  },
  'work put in': { update: forged((doc) => doc.getArray('work').push([{ id: v7(), minutes: 5 }])), code: 'forbidden' },
  'a field of the server': { update: forged((doc) => doc.getMap('fields').set('rev', 9)), code: 'forbidden' },
  'a field that every object has': {
    update: forged((doc) => doc.getMap('fields').set('__proto__', 1)),
    code: 'forbidden',
  },
  'a field without a key': { update: forged((doc) => doc.getArray('fields').push([1])), code: 'forbidden' },
  'a key on a text': { update: forged((doc) => doc.getMap('notes').set('hidden', 'x')), code: 'forbidden' },
  'a value in a text': { update: forged((doc) => doc.getArray('notes').push([{ x: 1 }])), code: 'malformed-text' },
  'a nested type': {
    update: forged((doc) => doc.getMap('fields').set('title', new Y.Text('x'))),
    code: 'malformed-text',
  },
  'a nested type that was taken away again': {
    update: forged((doc) => {
      const type = new Y.Map()
      doc.getMap('fields').set('title', type)
      type.set('inner', new Y.Text('x'))
      doc.getMap('fields').delete('title')
    }),
    code: 'malformed-text',
  },
  'a document in a document': {
    update: forged((doc) => doc.getMap('fields').set('title', new Y.Doc())),
    code: 'malformed-text',
  },
  'a picture in a text': {
    update: forged((doc) => doc.getText('notes').insertEmbed(0, { image: 'x' })),
    code: 'malformed-text',
  },
  'bytes for a title': {
    update: forged((doc) => doc.getMap('fields').set('title', new Uint8Array([1]))),
    code: 'malformed-text',
  },
  'a number beyond JSON': {
    update: forged((doc) => doc.getMap('fields').set('dueAt', 2n ** 60n)),
    code: 'malformed-text',
  },
  'a value of great depth': {
    update: forged((doc) => doc.getMap('fields').set('custom', nestedList(2000))),
    code: 'malformed-text',
  },
  'a text of more than 100,000 characters': {
    update: forged((doc) => doc.getText('notes').insert(0, 'x'.repeat(100_001))),
    code: 'too-large',
  },
  'an update of more than 1 MB': {
    update: forged((doc) => doc.getMap('fields').set('title', 'x'.repeat(1024 * 1024))),
    code: 'too-large',
  },
  'more parts than are taken': {
    update: forged((doc) => {
      for (let part = 0; part <= 10_000; part += 1) doc.getText('notes').insert(0, 'x')
    }),
    code: 'too-large',
  },
  'more deleted ranges than are taken': {
    update: forged((doc) => {
      doc.getText('notes').insert(0, 'x'.repeat(10_100))
      doc.transact(() => {
        for (let range = 0; range <= 5000; range += 1) doc.getText('notes').delete(range, 1)
      })
    }),
    code: 'too-large',
  },
  'the same deleted again and again': { update: deletedAgain(100), code: 'malformed-text' },
  'parts that are far from their place': { update: farFromTheirPlace(1000), code: 'too-large' },
  'more authors than a document has': {
    update: Y.mergeUpdates(Array.from({ length: 200 }, () => forged((doc) => doc.getText('notes').insert(0, 'x')))),
    code: 'too-large',
  },
}

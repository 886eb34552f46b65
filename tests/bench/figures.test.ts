/** Tables of measurements are read in a terminal as it opens: 80 columns. */
import { array, assert, integer, property, stringMatching } from 'fast-check'
import { expect, it } from 'vitest'
import { table, wrapped } from './figures.ts'

const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length))
const wordsIn = (text: string) => text.split(/[\s│┌┐└┘├┤┬┴┼─]+/).filter((word) => word !== '')

/** As the benches have them: up to seven columns, whose words are short enough that a line of seven of them fits. */
const cell = array(stringMatching(/^[a-z0-9]{1,8}$/), { minLength: 1, maxLength: 7 }).map((words) => words.join(' '))
const rows = integer({ min: 1, max: 7 }).chain((columns) =>
  array(array(cell, { minLength: columns, maxLength: columns }), { minLength: 2, maxLength: 4 }),
)

it('keeps a table within 80 columns, with every word of it', () => {
  assert(
    property(cell, rows, (title, [head = [], ...body]) => {
      const shown = table(title, head, body)
      expect(widest(shown)).toBeLessThanOrEqual(80)
      expect(wordsIn(shown).toSorted()).toEqual(wordsIn([title, ...head, ...body.flat()].join(' ')).toSorted())
    }),
  )
})

it('leaves a table that fits as wide as its cells', () => {
  expect(table('fits', ['writers', 'p50 ms'], [['1', '0.3']])).toBe(
    [
      'fits',
      '┌─────────┬────────┐',
      '│ writers │ p50 ms │',
      '├─────────┼────────┤',
      '│ 1       │ 0.3    │',
      '└─────────┴────────┘',
    ].join('\n'),
  )
})

it('breaks a title and a sentence between words', () => {
  const text = `${'word '.repeat(40)}end`
  expect(widest(wrapped(text))).toBeLessThanOrEqual(80)
  expect(wrapped(text).replaceAll('\n', ' ')).toBe(text)
})

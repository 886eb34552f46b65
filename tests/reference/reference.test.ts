/** `docs/api.md` says of every procedure what it takes and answers, with a call of it that was made. */
import { join, resolve } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { operations } from '@rejoin/server/router.ts'
import { referencePage, type Examples } from './page/page.ts'
import { uncalled } from './recorder.ts'
import { tellStory } from './story/story.ts'

const PAGE = join(resolve(import.meta.dirname, '../..'), 'docs/api.md')

let examples: Examples

beforeAll(async () => {
  examples = await tellStory()
})

it('tells a story in which every procedure is called', () => {
  expect(uncalled(operations, examples)).toEqual([])
})

it('is the page that the declarations and the story make', async () => {
  const page = referencePage(operations, examples)
  await expect(page, 'Run `pnpm api`, which writes docs/api.md.').toMatchFileSnapshot(PAGE)
})

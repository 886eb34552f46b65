/** The links in letters lead to pages that work: in a real browser, from the letter to the account. */
import { describe, beforeEach, expect, it } from 'vitest'
import { CHROMIUM, launchBrowser, NO_CHROMIUM } from './browser/chromium.ts'
import { startMailedWorld, type MailedWorld } from './harness/mailed-world.ts'
import { codeOf } from './harness/refused.ts'

const NED = 'ned@example.org'
const PASSWORD = 'correct horse battery'

/** The address in the newest letter to Ned, on this world's port instead of its public name. */
function linkIn(office: MailedWorld): string {
  const text = office.post.received.findLast(({ to }) => to.includes(NED))?.email.text ?? ''
  const [link = ''] = /https:\/\/help\.example\.com\S+/.exec(text) ?? []
  return link.replace('https://help.example.com', office.world.url)
}

it('serves them to nobody’s frame, with a script of their own only', async () => {
  await using office = await startMailedWorld()
  for (const path of ['join', 'reset-password']) {
    const response = await fetch(`${office.world.url}/${path}`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    const scripts = (await response.text()).match(/<script[^>]*>/g)
    expect(scripts).toEqual(['<script src="pages/form.js">'])
  }
})

describe('in Chromium', () => {
  beforeEach(({ skip }) => skip(CHROMIUM === undefined, NO_CHROMIUM))

  it('leads from an invitation to an account, and from a forgotten password to a new one', async () => {
    await using office = await startMailedWorld()
    const { api } = await office.world.desk()
    await api.invitations.create.mutate({ email: NED, role: 'requester' })
    await office.deliver()
    await using browser = await launchBrowser()
    const page = await browser.context.newPage()
    await page.goto(linkIn(office))
    await page.fill('[name=name]', 'Ned')
    await page.fill('[name=password]', 'password123')
    await page.click('button')
    await page.getByText('one of the most used ones').waitFor()
    await page.fill('[name=password]', PASSWORD)
    await page.click('button')
    await page.getByText('You have an account now.').waitFor()
    expect(await codeOf(office.signIn(NED, PASSWORD))).toBe('done')

    await page.goto(`${office.world.url}/reset-password`)
    await page.fill('[name=email]', NED)
    await page.click('button:visible')
    await page.getByText('a letter is on its way').waitFor()
    await office.deliver()
    await page.goto('about:blank')
    await page.goto(linkIn(office))
    await page.fill('[name=password]:visible', 'staple and a paper clip')
    await page.click('button:visible')
    await page.getByText('Your password is set.').waitFor()
    expect(await codeOf(office.signIn(NED, 'staple and a paper clip'))).toBe('done')
  })
})

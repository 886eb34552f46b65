/** The pages of the server work in a real browser: an error stands at its field, and every end leads somewhere. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { offerSetup, setupLink } from '@rejoin/server/slices/accounts/setup.ts'
import { appOf, hire, BOB } from '../accounts/second-step.ts'
import { CHROMIUM, openBrowser, NO_CHROMIUM, type Browser } from './chromium.ts'
import { overhang, tooPale } from './contrast.ts'
import { startMailedWorld, type MailedWorld } from '../harness/mailed-world.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld } from '../harness/world.ts'

const NED = 'ned@example.org'
const PASSWORD = 'correct horse battery'
const PAGES = ['setup', 'join', 'reset-password', 'sign-in']

/** The address in the newest letter to Ned, on this world's port instead of its public name. */
function linkIn(office: MailedWorld): string {
  const text = office.post.received.findLast(({ to }) => to.includes(NED))?.email.text ?? ''
  const [link = ''] = /https:\/\/help\.example\.com\S+/.exec(text) ?? []
  return link.replace('https://help.example.com', office.world.url)
}

it('serves them to nobody’s frame, with a script and a style sheet of their own only', async () => {
  await using world = await startWorld()
  for (const path of PAGES) {
    const response = await fetch(`${world.url}/${path}`)
    expect(response.status).toBe(200)
    const policy = response.headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    const text = await response.text()
    expect(text.match(/<script[^>]*>/g)).toEqual([
      expect.stringMatching(/^<script type="module" src="pages\/[a-z-]+\.js">$/),
    ])
    expect(text).not.toMatch(/ style=|<style| on[a-z]+=/)
  }
})

it('leads from the bare address of the server to a page', async () => {
  await using world = await startWorld()
  const response = await fetch(world.url)
  expect([response.status, response.url]).toEqual([200, `${world.url}/sign-in`])
})

describe('in Chromium', () => {
  let browser: Browser
  let page: Page
  const uncaught: string[] = []
  beforeAll(async () => {
    if (CHROMIUM !== undefined) browser = await openBrowser()
  })
  afterAll(() => browser?.[Symbol.asyncDispose]())
  beforeEach(async ({ skip }) => {
    skip(CHROMIUM === undefined, NO_CHROMIUM)
    await page?.close()
    await browser.context.clearCookies()
    page = await browser.context.newPage()
    uncaught.length = 0
    page.on('pageerror', (error) => void uncaught.push(error.message))
    return () => {
      if (uncaught.length > 0) throw new Error(uncaught.join('\n'))
    }
  })

  const press = (name: string) => page.getByRole('button', { name }).click()
  const heading = (name: string) => page.getByRole('heading', { name }).waitFor()
  /** The field that has the focus: its name, and the texts that are read out with it. */
  const focused = () =>
    page.evaluate(() => {
      const field = document.activeElement
      const ids = field?.getAttribute('aria-describedby')?.split(' ') ?? []
      return {
        field: field?.getAttribute('name') ?? field?.tagName,
        isInvalid: field?.getAttribute('aria-invalid') === 'true',
        says: ids.map((id) => document.querySelector(`#${id}`)?.textContent),
      }
    })

  it('leads from an invitation to an account and to signing in, and from a forgotten password to a new one', async () => {
    await using office = await startMailedWorld()
    const { api } = await office.world.desk()
    await api.invitations.create.mutate({ email: NED, role: 'requester' })
    await office.deliver()
    const asked: string[] = []
    page.on('request', (request) => void asked.push(request.url()))
    await page.goto(linkIn(office))
    await page.getByText(`Your email address is ${NED}.`).waitFor()
    await page.fill('[name=name]', 'Ned')
    await page.fill('[name=password]', 'password123')
    await press('Create account')
    await page.getByText('one of the most used passwords').waitFor()
    expect(await focused()).toMatchObject({ field: 'password', isInvalid: true })
    await page.fill('[name=password]', PASSWORD)
    await press('Create account')
    await heading('Your account is ready')
    expect(asked.join('\n')).not.toContain(office.tokenFor(NED))
    await page.getByRole('link', { name: 'Sign in' }).click()
    await page.fill('[name=email]', NED)
    await page.fill('[name=password]', 'staple and a paper clip')
    await press('Sign in')
    expect(await page.getByRole('alert').textContent()).toBe(
      'The address or the password is wrong. Check both and try again.',
    )

    await page.getByRole('link', { name: 'Forgot your password?' }).click()
    await page.fill('[name=email]:visible', NED)
    await press('Email me a link')
    await heading('Check your email')
    await office.deliver()
    await page.goto(linkIn(office))
    await page.fill('[name=password]', 'staple and a paper clip')
    await press('Set password')
    await heading('Your password is set')
    expect(await codeOf(office.signIn(NED, PASSWORD))).toBe('wrong-credentials')
    await page.getByRole('link', { name: 'Sign in' }).first().click()
    await page.fill('[name=email]', NED)
    await page.fill('[name=password]', 'staple and a paper clip')
    await press('Sign in')
    await page.getByText(/as Ned \(requester\), ned@example\.org/).waitFor()
    await press('Sign out')
    await heading('Sign in')
    await page.reload()
    await heading('Sign in')
  })

  it('says of a link that does not work why, and what to do', async () => {
    await using office = await startMailedWorld()
    const { api } = await office.world.desk()
    await api.invitations.create.mutate({ email: NED, role: 'requester' })
    await office.deliver()
    const invitation = linkIn(office)
    await page.goto(invitation)
    await page.getByText(NED).waitFor()
    await api.invitations.create.mutate({ email: NED, role: 'requester' })
    await page.fill('[name=name]', 'Ned')
    await page.fill('[name=password]', PASSWORD)
    await press('Create account')
    await page.getByText('ask the person who invited you for another invitation').waitFor()
    await page.reload()
    await heading('This link does not work')
    expect(await page.getByRole('button').count()).toBe(0)

    await page.goto(`${office.world.url}/reset-password#long-gone`)
    await heading('This link does not work')
    await page.fill('[name=email]:visible', NED)
    await press('Email me a link')
    await heading('Check your email')
  })

  it('says of each field that is wrong what to do, at the field, and goes to the first', async () => {
    await using world = await startWorld()
    await page.goto(setupLink(world.url, (await offerSetup(world.app)) ?? ''))
    await page.fill('[name=password]', 'nine char')
    await press('Set up')
    expect(await page.locator('[aria-invalid=true]').count()).toBe(3)
    expect(await focused()).toEqual({ field: 'name', isInvalid: true, says: ['Enter your name.'] })
    await page.keyboard.type('Ada')
    expect(await focused()).toEqual({ field: 'name', isInvalid: false, says: [] })
    await page.fill('[name=email]', 'ada')
    await press('Set up')
    expect(await focused()).toEqual({
      field: 'email',
      isInvalid: true,
      says: ['Enter an email address such as name@example.com.', 'You sign in with this address.'],
    })
    await page.fill('[name=email]', 'ada@example.com')
    await press('Set up')
    expect(await focused()).toMatchObject({
      field: 'password',
      says: ['Use at least 10 characters. You have typed 9.', expect.stringContaining('At least 10 characters')],
    })
  })

  it('says what it is doing while it does it, once, and that the server cannot be reached', async () => {
    await using world = await startWorld()
    await page.goto(setupLink(world.url, (await offerSetup(world.app)) ?? ''))
    await page.fill('[name=name]', 'Ada')
    await page.fill('[name=email]', 'ada@example.com')
    await page.fill('[name=password]', PASSWORD)
    const held = Promise.withResolvers<void>()
    let calls = 0
    await page.route('**/trpc/accounts.setUp', async (route) => {
      calls += 1
      await held.promise
      await route.abort()
    })
    await press('Set up')
    const button = page.getByRole('button', { name: 'Setting up the workspace …' })
    expect(await button.isDisabled()).toBe(true)
    await page.press('[name=password]', 'Enter')
    held.resolve()
    expect(await page.getByRole('alert').textContent()).toBe(
      'The server cannot be reached. Check your connection and try again.',
    )
    expect(await page.getByRole('button', { name: 'Set up' }).isEnabled()).toBe(true)
    expect(calls).toBe(1)
    await page.unroute('**/trpc/accounts.setUp')
    await press('Set up')
    await page.getByText('Help desk is set up. You sign in as ada@example.com.').waitFor()
  })

  it('asks for the second step, and has one set up where the role must have it', async () => {
    await using world = await startWorld()
    await hire(world, 'supervisor')
    const { api } = await world.desk()
    await api.accounts.mfa.require.mutate({ role: 'supervisor', graceDays: 0 })
    const phone = appOf(world)
    const signIn = async () => {
      await page.goto(`${world.url}/sign-in`)
      await page.fill('[name=email]', BOB.email)
      await page.fill('[name=password]', BOB.password)
      await press('Sign in')
    }
    await signIn()
    await heading('Set up a second step')
    await page.getByRole('img', { name: 'QR code' }).locator('path').first().waitFor()
    phone.take((await page.locator('#secret').textContent()) ?? '')
    await page.fill('[name=code]:visible', phone.wrongCode())
    await press('Continue')
    expect(await page.locator('#first-code-error').textContent()).toContain('This is not the current code.')
    await page.fill('[name=code]:visible', phone.code())
    await press('Continue')
    await heading('Save your recovery codes')
    expect(await page.getByRole('listitem').count()).toBe(10)
    await press('I have saved them')
    await page.getByText('as Bob (supervisor)').waitFor()

    await page.context().clearCookies()
    await world.advance(60_000)
    await signIn()
    await page.fill('[name=code]:visible', phone.code())
    await press('Continue')
    await page.getByText('as Bob (supervisor)').waitFor()
  })

  it('says so where the browser keeps no session', async () => {
    await using world = await startWorld()
    await hire(world)
    await page.goto(`${world.url}/sign-in`)
    await page.route('**/trpc/accounts.me', async (route) => {
      const answer = await fetch(route.request().url(), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      })
      await route.fulfill({ status: answer.status, body: await answer.text() })
    })
    await page.fill('[name=email]', BOB.email)
    await page.fill('[name=password]', BOB.password)
    await press('Sign in')
    expect(await page.getByRole('alert').textContent()).toContain(
      'The browser did not keep the session. Open this page',
    )
  })

  it.each(['light', 'dark'] as const)(
    'is legible in the %s, and as wide as the smallest phone',
    async (colorScheme) => {
      await using world = await startWorld()
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width: 320, height: 640 })
      const look = async () =>
        expect([page.url(), await overhang(page), await tooPale(page)]).toEqual([page.url(), 0, []])
      for (const path of PAGES) {
        for (const token of ['', '#long-gone']) {
          await page.goto('about:blank')
          await page.goto(`${world.url}/${path}${token}`)
          await page.locator('h1:visible').waitFor()
          await look()
        }
      }
      await press('Sign in')
      await page.locator('.error').first().waitFor()
      await look()
      await page.fill('[name=email]', 'ada@example.com')
      await page.fill('[name=password]', PASSWORD)
      await press('Sign in')
      await page.getByRole('alert').waitFor()
      await look()
    },
  )

  it('would notice what is too pale', async () => {
    await using world = await startWorld()
    await page.goto(`${world.url}/sign-in`)
    await heading('Sign in')
    await page
      .locator('label')
      .first()
      .evaluate((label) => label.style.setProperty('color', '#8a8a8a'))
    expect(await tooPale(page)).toEqual(['text of "Email address": 3.45'])
  })
})

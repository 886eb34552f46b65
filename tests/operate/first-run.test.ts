/** The first run: from the link that the server prints to a workspace that works, in a real browser and without one. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { offerSetup, setupLink } from '@rejoin/server/slices/accounts/setup.ts'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { CHROMIUM, openBrowser, NO_CHROMIUM } from '../browser/chromium.ts'
import { rowsOnDisk } from '../harness/database.ts'
import { startMailedWorld } from '../harness/mailed-world.ts'
import { codeOf } from '../harness/refused.ts'
import { rejoin } from '../harness/rejoin.ts'
import { startWorld } from '../harness/world.ts'

const ADA = { email: 'ada@example.com', password: 'correct horse battery' }

describe('in Chromium', () => {
  beforeEach(({ skip }) => skip(CHROMIUM === undefined, NO_CHROMIUM))

  it('leads from the setup link to an administrator, a named workspace, a demo, and a letter that arrived', async () => {
    await using office = await startMailedWorld()
    const { world } = office
    const token = (await offerSetup(world.app)) ?? ''
    await using browser = await openBrowser()
    const page = await browser.context.newPage()
    const asked: string[] = []
    const uncaught: string[] = []
    page.on('request', (request) => void asked.push(request.url()))
    page.on('pageerror', (error) => void uncaught.push(error.message))
    await page.goto(setupLink(world.url, token))
    await page.fill('[name=workspace]', 'Harbour help desk')
    await page.selectOption('[name=zone]', 'Europe/Zurich')
    await page.fill('[name=name]', 'Ada')
    await page.fill('[name=email]', ADA.email)
    await page.fill('[name=password]', 'password123')
    await page.check('[name=demo]')
    await page.click('form button')
    await page.getByText('one of the most used passwords').waitFor()
    await page.fill('[name=password]', ADA.password)
    await page.click('form button')
    await page.getByText('Harbour help desk is set up. You sign in as ada@example.com.').waitFor()
    await page.getByText(/The workspace has 5 sample tickets\. The password of\s+.* is/).waitFor()

    const asking = page.waitForResponse(/mail\.sendTest/)
    await page.click('#mail')
    await asking
    expect(await page.getByRole('button', { name: 'Sending a test email …' }).isDisabled()).toBe(true)
    await office.deliver()
    await page.getByText('The mail server accepted the email to ada@example.com.').waitFor()
    expect(office.post.received.map(({ to, email }) => [to, email.subject])).toContainEqual([[ADA.email], 'Test email'])
    // It works without any other machine, and without what a policy would have to allow.
    expect(asked.filter((url) => !url.startsWith(world.url))).toEqual([])
    expect(asked.join('\n')).not.toContain(token)
    await page.getByRole('link', { name: 'Sign in' }).first().click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(uncaught).toEqual([])

    const { output } = await connectApi(world.url).accounts.logIn.mutate(ADA)
    const ada = connectApi(world.url, output.token)
    expect(await ada.workspace.get.query()).toMatchObject({ name: 'Harbour help desk', zone: 'Europe/Zurich' })
    expect(await ada.accounts.me.query()).toMatchObject({ role: 'admin' })
  })

  it('says what is missing to whoever comes without the link, and to whoever comes late', async () => {
    await using world = await startWorld()
    const token = (await offerSetup(world.app)) ?? ''
    await connectApi(world.url).accounts.setUp.mutate({ ...ADA, name: 'Ada', token })
    await using browser = await openBrowser()
    const page = await browser.context.newPage()
    await page.goto(`${world.url}/setup`)
    await page.getByText('Open this page with the setup link').waitFor()
    await page.goto('about:blank')
    await page.goto(setupLink(world.url, token))
    await page.fill('[name=name]', 'Eve')
    await page.fill('[name=email]', 'eve@example.com')
    await page.fill('[name=password]', ADA.password)
    await page.click('form button')
    await page.getByText('This workspace already has an administrator. Sign in instead.').waitFor()
    await page.getByRole('link', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(rowsOnDisk(world.dataDir, `select email from user where role = 'admin'`)).toEqual([{ email: ADA.email }])
  })
})

it('serves the setup page with scripts of its own only', async () => {
  await using world = await startWorld()
  const response = await fetch(`${world.url}/setup`)
  expect(response.headers.get('content-security-policy')).toContain(
    "script-src 'self'; style-src 'self'; connect-src 'self'",
  )
  expect((await response.text()).match(/<script[^>]*>/g)).toEqual(['<script type="module" src="pages/setup.js">'])
})

it('takes a name and a time zone of the workspace, and no zone that there is none of', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  expect(await api.workspace.get.query()).toEqual({ name: 'Rejoin', zone: 'UTC', defaultDepartmentId: null })
  await api.workspace.edit.mutate({ name: 'Help', zone: 'Asia/Tokyo' })
  expect(await api.workspace.get.query()).toMatchObject({ name: 'Help', zone: 'Asia/Tokyo' })
  await api.workspace.edit.mutate({ name: 'Help 2' })
  await api.workspace.edit.mutate({ defaultDepartmentId: null })
  expect(await api.workspace.get.query()).toEqual({ name: 'Help 2', zone: 'Asia/Tokyo', defaultDepartmentId: null })
  await api.workspace.edit.mutate({ name: 'Help' })
  expect(await codeOf(api.workspace.edit.mutate({ name: 'Help', zone: 'Mars/Olympus' }))).toBe('invalid')
  expect(await codeOf(api.workspace.edit.mutate({ zone: '+02:00' }))).toBe('invalid')
  expect(await codeOf(api.workspace.edit.mutate({ name: ' ', zone: 'UTC' }))).toBe('invalid')
})

it('fills an empty workspace with a demo whose people work like any others, and no other workspace', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const { output } = await api.demo.fill.mutate()
  const [sue = ''] = output.people
  const signedIn = await connectApi(world.url).accounts.logIn.mutate({ email: sue, password: output.password })
  const found = await connectApi(world.url, signedIn.output.token).tickets.list.query()
  expect(found.tickets.map(({ status }) => status).toSorted()).toEqual([
    'open',
    'open',
    'open',
    'resolved',
    'waiting_third_party',
  ])
  expect(await codeOf(api.demo.fill.mutate())).toBe('conflict')
})

it('makes a data directory by init, fills it by demo, and says by each what comes next', async () => {
  const dataDir = join(mkdtempSync(join(tmpdir(), 'rejoin-test-')), 'data')
  try {
    const made = await rejoin(['init', '--data-dir', dataDir])
    expect(made).toMatchObject({
      code: 0,
      errors: '',
      out: expect.stringMatching(/http:\/\/127\.0\.0\.1:4700\/setup#\S+/),
    })
    const filled = await rejoin(['demo', '--json', '--data-dir', dataDir])
    expect(JSON.parse(filled.out)).toMatchObject({ ok: true, tickets: 5 })
    expect(rowsOnDisk(dataDir, 'select count(*) as count from ticket')).toEqual([{ count: 5 }])
    const again = await rejoin(['demo', '--data-dir', dataDir])
    expect(again).toMatchObject({
      code: 1,
      errors: 'This workspace already has tickets. Add the demo to an empty workspace.\n',
    })
  } finally {
    rmSync(join(dataDir, '..'), { recursive: true })
  }
}, 60_000)

/** Looks at the page as a person does, and acts on it. */
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/** The text of the page below a label, now. */
export async function read(page: Page, label: string): Promise<string | null> {
  return page.getByLabel(label, { exact: true }).textContent()
}

/** Resolves when the page says `text` below the label. */
export async function shows(page: Page, label: string, text: string): Promise<void> {
  await sees(() => read(page, label), text)
}

/** Resolves when the list below the label has exactly these rows. */
export async function lists(page: Page, label: string, rows: string[]): Promise<void> {
  await sees(() => page.getByLabel(label, { exact: true }).getByRole('listitem').allTextContents(), rows)
}

/** Opens the ticket whose title contains `title`. */
export async function open(page: Page, title: string): Promise<void> {
  await page.getByRole('link', { name: title }).click()
  await page.getByRole('heading', { name: title }).waitFor()
}

/** Fills in the field and sends its form. */
export async function submit(page: Page, field: string, value: string): Promise<void> {
  await page.getByLabel(field, { exact: true }).fill(value)
  await page.getByLabel(field, { exact: true }).press('Enter')
}

/** Writes at the end of the description, key by key. */
export async function type(page: Page, text: string): Promise<void> {
  const box = page.getByLabel('Description')
  await box.press('Control+End')
  await box.pressSequentially(text)
}

/** Looks again until it sees `expected`. */
export async function sees<Seen>(look: () => Promise<Seen>, expected: Seen): Promise<void> {
  await expect.poll(look, { timeout: 10_000, interval: 20 }).toEqual(expected)
}

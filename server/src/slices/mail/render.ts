/** A letter as text and as HTML, with the same words. Text that people have typed is escaped here. */
import { html } from 'hono/html'
import type { Letter } from './letters.ts'

const CLOSING = 'This is an automatic email from Rejoin. Nobody reads replies.'

export function textOf({ paragraphs, link }: Letter): string {
  const parts = [...paragraphs, ...(link === undefined ? [] : [`${link.label}:\n${link.url}`]), `--\n${CLOSING}`]
  return `${parts.join('\n\n')}\n`
}

export async function htmlOf({ subject, paragraphs, link }: Letter): Promise<string> {
  const button = link === undefined ? '' : html`<p><a href="${link.url}">${link.label}</a></p>`
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${subject}</title>
      </head>
      <body style="font: 16px/1.5 sans-serif; max-width: 36em; margin: 2em auto; padding: 0 1em">
        ${paragraphs.map((paragraph) => html`<p>${paragraph}</p>`)} ${button}
        <p style="color: #666; font-size: 14px">${CLOSING}</p>
      </body>
    </html>`
  return String(await page)
}

/** Which texts and edges of a page are hard to see, by the contrast that WCAG 2.2 asks for at level AA. */
import type { Page } from 'playwright-core'

/** "Set up: 3.1" for each text, field border and button background that has too little contrast; else none. */
export function tooPale(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    type Colour = readonly [red: number, green: number, blue: number, alpha: number]
    const read = (text: string): Colour => {
      const [red = 0, green = 0, blue = 0, alpha = 1] = (text.match(/[\d.]+/g) ?? []).map(Number)
      return [red, green, blue, alpha]
    }
    const luminance = (colour: Colour) => {
      const [red = 0, green = 0, blue = 0] = colour.slice(0, 3).map((part) => {
        const share = part / 255
        return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
    const contrast = (one: Colour, other: Colour) => {
      const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
      return (light + 0.05) / (dark + 0.05)
    }
    /** The colour behind an element: nothing here lets a part of another colour through. */
    const behind = (element: Element | null): Colour => {
      if (element === null) return [255, 255, 255, 1]
      const colour = read(getComputedStyle(element).backgroundColor)
      return colour[3] === 0 ? behind(element.parentElement) : colour
    }
    const found: string[] = []
    const hold = (element: Element, what: string, ratio: number, least: number) => {
      if (ratio < least) found.push(`${what} of "${element.textContent || element.id}": ${ratio.toFixed(2)}`)
    }
    for (const element of document.body.querySelectorAll('*')) {
      if (!element.checkVisibility()) continue
      const style = getComputedStyle(element)
      const isText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim() !== '')
      const isField = element.matches('input:not([type=checkbox]), select')
      if (isText || isField) hold(element, 'text', contrast(read(style.color), behind(element)), 4.5)
      const edge = contrast(read(style.borderTopColor), behind(element.parentElement))
      if (isField || element.matches('button')) hold(element, 'edge', edge, 3)
    }
    return found
  })
}

/** How many pixels wider than the window the page is. */
export function overhang(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}

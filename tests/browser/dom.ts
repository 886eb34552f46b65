/** What the page does to its document. */

/** Throws when the page has no such element. */
export function byId(id: string): HTMLElement {
  return elementOf(HTMLElement, id)
}

/** Throws when the page has no such element of that kind. */
export function elementOf<Kind extends HTMLElement>(kind: new () => Kind, id: string): Kind {
  const element = document.getElementById(id)
  if (element instanceof kind) return element
  throw new Error(`the page has no ${kind.name} #${id}`)
}

export function show(id: string, text: string): void {
  byId(id).textContent = text
}

export function fill(id: string, items: readonly (string | Node)[]): void {
  const rows = items.map((item) => {
    const row = document.createElement('li')
    row.append(item)
    return row
  })
  byId(id).replaceChildren(...rows)
}

/** Calls `run` with the values of the form's fields, in their order, and empties them. */
export function onSubmit(id: string, run: (values: string[]) => void): void {
  const form = elementOf(HTMLFormElement, id)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const values = [...new FormData(form).values()].map(String)
    form.reset()
    run(values)
  })
}

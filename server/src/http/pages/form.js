/** What the forms share: calls of the API, errors at their fields, and buttons that say what they are doing. */
const UNREACHABLE = 'The server cannot be reached. Check your connection and try again.'

/** The part of the address that browsers send to nobody: the token of a link. */
export const linkToken = location.hash.slice(1)

// A link that is opened where its page is open already changes nothing else.
addEventListener('hashchange', () => location.reload())

/** An answer other than yes. `field` is the one that has to be corrected, if it is one. */
export class Refused extends Error {
  constructor(code, message, hint = '') {
    super(message)
    this.code = code
    this.hint = hint
    this.field = /^(\w+): /.exec(message)?.[1]
  }
}

/** Always by POST, so that no token stands in an address that a proxy logs. Throws `Refused`. */
export async function call(procedure, input, bearer) {
  let response
  try {
    response = await fetch(`trpc/${procedure}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      },
      ...(input !== undefined && { body: JSON.stringify(input) }),
    })
  } catch {
    throw new Refused('unreachable', UNREACHABLE)
  }
  const { result, error } = await answerIn(response)
  if (error !== undefined) throw new Refused(error.data.code, error.message, error.data.hint)
  return result.data
}

/** As `call`, for a change: its output. */
export const change = async (...asked) => (await call(...asked)).output

/** A proxy in front may answer for a server that is down, with a page of its own. */
async function answerIn(response) {
  try {
    return await response.json()
  } catch {
    throw new Refused(
      'unreachable',
      `The server is not available (status ${response.status}).`,
      'Try again in a minute.',
    )
  }
}

export const part = (id) => document.getElementById(id)

/** Shows this part of the page alone, and has it read out. */
export function showOnly(id) {
  for (const each of document.querySelectorAll('[data-part]')) each.hidden = each.id !== id
  const [first] = part(id).querySelectorAll('h1, h2')
  if (first === undefined) return
  first.tabIndex = -1
  first.focus()
}

/** `send` gets the values of the form when none of them is wrong by itself. */
export function onSubmit(form, send) {
  form.noValidate = true
  form.addEventListener('input', ({ target }) => takeBack(target))
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const button = form.querySelector('button')
    if (button.disabled) return
    form.querySelector('.problem')?.remove()
    const fields = [...form.elements].filter((each) => each.name !== '')
    for (const field of fields) takeBack(field)
    const wrong = fields.filter((field) => mistakeIn(field) !== null)
    for (const field of wrong) complain(field, mistakeIn(field))
    wrong[0]?.focus()
    if (wrong.length > 0) return
    await busy(button, () => send(Object.fromEntries(new FormData(form)))).catch((error) => show(form, error))
  })
}

/** Until `work` is done the button cannot be pressed and says what goes on, by its `data-busy`. */
export async function busy(button, work) {
  const { textContent } = button
  button.disabled = true
  button.textContent = button.dataset.busy
  try {
    return await work()
  } finally {
    button.disabled = false
    button.textContent = textContent
  }
}

export function sentence({ field, message, hint }) {
  const text = field === undefined ? message : message.slice(field.length + 2)
  const whole = `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
  // That hint is for programs.
  return hint === undefined || hint.startsWith('Correct the input of') ? whole : `${whole} ${hint}`.trim()
}

function mistakeIn(field) {
  const { validity, value, minLength } = field
  if (validity.valueMissing || (field.required && value.trim() === '')) return field.dataset.missing
  if (validity.typeMismatch) return 'Enter an email address such as name@example.com.'
  // Browsers look at this only where somebody has typed.
  if (minLength > 0 && value.length < minLength) {
    return `Use at least ${minLength} characters. You have typed ${value.length}.`
  }
  return null
}

function show(form, error) {
  if (!(error instanceof Refused)) throw error
  const field = form.elements[error.field ?? '']
  if (field !== undefined) {
    complain(field, sentence(error))
    field.focus()
    return
  }
  const problem = document.createElement('p')
  problem.className = 'problem'
  problem.role = 'alert'
  problem.tabIndex = -1
  problem.textContent = sentence(error)
  form.prepend(problem)
  problem.focus()
}

function complain(field, text) {
  const error = document.createElement('p')
  error.className = 'error'
  error.id = `${field.id}-error`
  error.textContent = text
  field.after(error)
  field.setAttribute('aria-invalid', 'true')
  const hint = part(`${field.id}-hint`)
  field.setAttribute('aria-describedby', hint === null ? error.id : `${error.id} ${hint.id}`)
}

function takeBack(field) {
  part(`${field.id}-error`)?.remove()
  field.removeAttribute('aria-invalid')
  const hint = part(`${field.id}-hint`)
  if (hint === null) field.removeAttribute('aria-describedby')
  else field.setAttribute('aria-describedby', hint.id)
}

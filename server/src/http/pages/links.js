/** The forms behind the links in emails: signing up, and a new password. */
import { call, change, linkToken, onSubmit, part, showOnly } from './form.js'

const { verify, send } = document.body.dataset

/** What the link is for, or null where it does not work. */
async function look() {
  const found = await call(verify, { token: linkToken })
  return found === null || found.isValid === false ? null : found
}

/** A form whose link works asks; one whose link does not says what to do. */
async function open() {
  if (linkToken === '') return showOnly('no-link')
  const found = await look()
  if (found === null) return showOnly('bad-link')
  const address = part('address')
  if (address !== null) address.textContent = found.email
  showOnly('form')
}

onSubmit(part('link-form'), async (values) => {
  try {
    const output = await change(send, { ...values, token: linkToken })
    showOnly(output?.status === 'pending' ? 'pending' : 'done')
  } catch (error) {
    if (error.code !== 'bad-link') throw error
    showOnly('bad-link')
  }
})

for (const form of document.querySelectorAll('form[data-ask]')) {
  onSubmit(form, async (values) => {
    await change('accounts.requestPasswordReset', values)
    showOnly('asked')
  })
}

open().catch(() => {
  // Whether it works is said once more when the form is sent.
  showOnly('form')
})

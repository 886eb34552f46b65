/** Signing in by a cookie that no script reads, with the second step where there is one, and signing out. */
import { call, change, onSubmit, part, Refused, showOnly } from './form.js'

let challenge

async function showAccount() {
  const { name, role, email, customRole } = await call('accounts.me')
  const workspace = await call('workspace.get')
  part('who').textContent = `You are signed in to ${workspace.name} as ${name} (${customRole?.name ?? role}), ${email}.`
  showOnly('account')
}

/** Where the server is known by its https address, browsers keep its cookie only there. */
function explain(error) {
  if (error.code !== 'unauthenticated') throw error
  throw new Refused(
    'no-cookie',
    'The browser did not keep the session.',
    'Open this page at the usual address of the server, which begins with https, and allow cookies.',
  )
}

async function goOn({ opens, token }) {
  challenge = token
  if (opens === 'session') return showAccount().catch(explain)
  if (opens === 'second-step') {
    showOnly('second-step')
    return part('code').focus()
  }
  const { secret, svg } = await change('accounts.mfa.beginRequired', { token })
  part('secret').textContent = secret
  part('picture').replaceChildren(new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement)
  showOnly('enrolment')
}

onSubmit(part('sign-in'), async (credentials) => goOn(await change('accounts.logInByCookie', credentials)))

onSubmit(part('step'), async ({ code }) =>
  goOn(await change('accounts.mfa.answerByCookie', { token: challenge, code: code.trim() })),
)

onSubmit(part('enrol'), async ({ code }) => {
  const input = { token: challenge, code: code.trim() }
  const { recoveryCodes } = await change('accounts.mfa.confirmRequiredByCookie', input)
  part('codes').replaceChildren(
    ...recoveryCodes.map((each) => {
      const item = document.createElement('li')
      item.append(document.createElement('code'))
      item.firstChild.textContent = each
      return item
    }),
  )
  showOnly('recovery')
})

onSubmit(part('noted'), showAccount)

onSubmit(part('out'), async () => {
  await change('accounts.logOut')
  showOnly('form')
})

showAccount().catch(() => showOnly('form'))

// The first run: the first administrator by the token of the setup link, then what the workspace is, and a try of mail.
const setupToken = location.hash.slice(1)
const account = document.querySelector('#account')
const answer = document.querySelector('output')
const LOOKS_AT_MAIL = 15

document.querySelector('#no-link').hidden = setupToken !== ''
account.hidden = setupToken === ''
fillZones(account.elements.zone)

let session = null

function fillZones(select) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  for (const zone of new Set([here, 'UTC', ...Intl.supportedValuesOf('timeZone')])) {
    select.append(new Option(zone, zone, zone === here, zone === here))
  }
}

async function call(procedure, input) {
  const isQuery = input === undefined
  const response = await fetch(`trpc/${procedure}`, {
    method: isQuery ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', ...(session !== null && { authorization: `Bearer ${session}` }) },
    ...(!isQuery && { body: JSON.stringify(input) }),
  })
  const { result, error } = await response.json()
  if (error !== undefined) throw new Error(`${error.message} ${error.data?.hint ?? ''}`)
  return isQuery ? result.data : result.data.output
}

async function setUp({ workspace, zone, name, email, password, demo }) {
  // A second try after the account was made goes on from there.
  session ??= (await call('accounts.setUp', { token: setupToken, name, email, password })).token
  await call('workspace.edit', { name: workspace, zone })
  account.hidden = true
  document.querySelector('#done').hidden = false
  document.querySelector('#welcome').textContent = `${workspace} is set up. You sign in as ${email}.`
  if (demo === undefined) return
  const filled = await call('demo.fill', {})
  document.querySelector('#demo').textContent =
    `There are ${filled.tickets} tickets. ${filled.people.join(', ')} have the password ${filled.password}`
}

async function tryMail() {
  const { to } = await call('mail.sendTest', {})
  answer.textContent = 'It is on its way …'
  for (let looks = 0; looks < LOOKS_AT_MAIL; looks += 1) {
    await new Promise((look) => setTimeout(look, 1000))
    const [waiting, failed] = [await call('mail.waiting'), await call('mail.failed')]
    const letter = [...waiting, ...failed].find((each) => each.letter === 'test' && each.to === to)
    if (letter === undefined) return `The mail server took the letter to ${to}.`
    if (letter.lastError !== null) return `The mail server did not take it: ${letter.lastError}. Check REJOIN_SMTP_URL.`
  }
  return 'It still waits: the mail server has not answered yet. "rejoin doctor" asks it.'
}

function show(work) {
  answer.textContent = ''
  work.then(
    (text) => {
      answer.textContent = text ?? ''
    },
    (error) => {
      answer.textContent = error instanceof TypeError ? 'The server cannot be reached. Try again.' : error.message
    },
  )
}

account.addEventListener('submit', (event) => {
  event.preventDefault()
  show(setUp(Object.fromEntries(new FormData(account))))
})
document.querySelector('#mail').addEventListener('click', () => show(tryMail()))

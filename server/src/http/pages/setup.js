/** The first run: the first administrator by the token of the setup link, then the workspace, and a try of mail. */
import { busy, call, change, linkToken, onSubmit, part, sentence, showOnly } from './form.js'

const LOOKS_AT_MAIL = 15

fillZones(part('zone'))
showOnly(linkToken === '' ? 'no-link' : 'form')

let session

function fillZones(select) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  for (const zone of new Set([here, 'UTC', ...Intl.supportedValuesOf('timeZone')])) {
    select.append(new Option(zone, zone, zone === here, zone === here))
  }
}

onSubmit(part('account'), async ({ workspace, zone, name, email, password, demo }) => {
  // A second try after the account was made goes on from there.
  session ??= (await change('accounts.setUp', { token: linkToken, name, email, password })).token
  await change('workspace.edit', { name: workspace, zone }, session)
  const filled = demo === undefined ? null : await change('demo.fill', {}, session)
  part('welcome').textContent = `${workspace} is set up. You sign in as ${email}.`
  if (filled !== null) {
    part('demo-tickets').textContent = filled.tickets
    part('demo-people').textContent = filled.people.join(', ')
    part('demo-password').textContent = filled.password
    part('demo-done').hidden = false
  }
  showOnly('done')
})

part('mail').addEventListener('click', () => {
  const said = part('mail-said')
  said.textContent = ''
  busy(part('mail'), tryMail).then(
    (text) => say(text, 'good'),
    (error) => say(sentence(error), 'bad'),
  )
})

function say(text, kind) {
  part('mail-said').textContent = text
  part('mail-said').classList.toggle('good', kind === 'good')
  part('mail-said').classList.toggle('bad', kind === 'bad')
}

async function tryMail() {
  const { to } = await change('mail.sendTest', {}, session)
  for (let looks = 0; looks < LOOKS_AT_MAIL; looks += 1) {
    await new Promise((look) => setTimeout(look, 1000))
    const [waiting, failed] = [await call('mail.waiting', {}, session), await call('mail.failed', {}, session)]
    const letter = [...waiting, ...failed].find((each) => each.letter === 'test' && each.to === to)
    if (letter === undefined) return `The mail server accepted the email to ${to}.`
    if (letter.lastError !== null) {
      throw new Error(`The mail server did not accept the email: ${letter.lastError}. Check REJOIN_SMTP_URL.`)
    }
  }
  throw new Error(
    'The email is still waiting: the mail server has not answered yet. Run "rejoin doctor" to check the connection.',
  )
}

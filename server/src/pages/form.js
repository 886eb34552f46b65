// The forms behind the links in letters. The token is in the part of the address that browsers send to nobody.
const token = location.hash.slice(1)
const answer = document.querySelector('output')
const noLink = document.querySelector('#no-link')
if (noLink !== null) noLink.hidden = token !== ''

async function submit(form, needsLink) {
  const fields = Object.fromEntries(new FormData(form))
  const response = await fetch(`trpc/${form.dataset.call}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(needsLink ? { ...fields, token } : fields),
  })
  const { error } = await response.json()
  form.hidden = error === undefined
  answer.textContent = error === undefined ? form.dataset.done : `${error.message} ${error.data?.hint ?? ''}`
}

for (const form of document.querySelectorAll('form')) {
  const needsLink = form.dataset.link === 'yes'
  form.hidden = needsLink !== (token !== '')
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    submit(form, needsLink).catch(() => {
      answer.textContent = 'The server cannot be reached. Try again.'
    })
  })
}

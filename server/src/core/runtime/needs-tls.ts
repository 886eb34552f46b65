/** URLs that carry a password to another machine and must be encrypted. */

const THIS_MACHINE = /^(?:localhost|(?:.*\.)localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i

/** A user or a password goes to another machine over TLS only. */
export function needsTls({ username, password, hostname }: URL): boolean {
  return (username !== '' || password !== '') && !isThisMachine(hostname)
}

/** Whether the host of a URL is this machine by its own name, so that no network is in between. */
function isThisMachine(hostname: string): boolean {
  return THIS_MACHINE.test(hostname)
}

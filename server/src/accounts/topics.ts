/** Topics of the hub that concern people. */

/** On which sessions hear that a person's rights changed. */
export function userTopic(id: string): string {
  return `user:${id}`
}

/** On which the doors hear that a login session ended. */
export function sessionTopic(id: string): string {
  return `session:${id}`
}

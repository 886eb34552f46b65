/** Commands about devices: their names, and the end of those that are lost. */
import { implement } from '../../core/api/implement.ts'
import * as contract from './contract.ts'
import { deviceTopic, getOwnDevice } from './queries.ts'

export const renameDevice = implement(contract.rename, async ({ tx, actor, event }, { deviceId, name }) => {
  await getOwnDevice(tx, actor, deviceId)
  await tx.updateTable('device').set({ name }).where('id', '=', deviceId).execute()
  await event({ subject: 'device', subjectId: deviceId, type: 'device-renamed', payload: { name } })
})

/** Final: a person who finds the device again signs in with a new store. Revoking it once more changes nothing. */
export const revokeDevice = implement(contract.revoke, async ({ tx, actor, now, event, wake }, { deviceId }) => {
  const { revokedAt } = await getOwnDevice(tx, actor, deviceId)
  if (revokedAt !== null) return
  const revoked = { revokedAt: now, revokedBy: actor.id }
  await tx.updateTable('device').set(revoked).where('id', '=', deviceId).execute()
  await event({ subject: 'device', subjectId: deviceId, type: 'device-revoked' })
  wake(deviceTopic(deviceId))
})

/** The one place where notifications are written. */
import type { CommandContext } from '../../core/command.ts'
import { insertRow } from '../../core/storage/prepared.ts'

export interface Notice {
  readonly type: string
  readonly ticketId?: string
  readonly payload: Readonly<Record<string, unknown>>
}

export function tell(context: CommandContext, { type, ticketId, payload }: Notice, userIds: readonly string[]): void {
  for (const userId of new Set(userIds)) {
    insertRow(context.tx, 'notification', {
      id: context.newId(),
      userId,
      type,
      ticketId: ticketId ?? null,
      payload: JSON.stringify(payload),
      createdAt: context.now,
      readAt: null,
    })
  }
}

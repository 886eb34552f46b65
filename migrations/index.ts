/** Every migration, in order. A released one is never edited; the next step is a new file and a new line here. */
import type { Migration } from 'kysely/migration'
import { foundation } from './0001-foundation.ts'
import { receiptSchema } from './0002-receipt-schema.ts'
import { lives } from './0003-lives.ts'
import { endedSessions } from './0004-ended-sessions.ts'
import { compaction } from './0005-compaction.ts'
import { devices } from './0006-devices.ts'
import { outbox } from './0007-outbox.ts'
import { audit } from './0008-audit.ts'
import { passwords } from './0009-passwords.ts'
import { textLeases } from './0010-text-leases.ts'
import { attempts } from './0011-attempts.ts'
import { formerDocuments } from './0012-former-documents.ts'
import { secondSteps } from './0013-second-steps.ts'
import { people } from './0014-people.ts'
import { apiTokens } from './0015-api-tokens.ts'
import { signInPlaces } from './0016-sign-in-places.ts'
import { customRoles } from './0017-custom-roles.ts'
import { documentLog } from './0018-document-log.ts'
import { slaPolicies } from './0019-sla-policies.ts'
import { slaRollouts } from './0020-sla-rollouts.ts'
import { slaReports } from './0021-sla-reports.ts'
import { organisations } from './0022-organisations.ts'
import { claimedTimes } from './0023-claimed-times.ts'
import { invitedRoles } from './0024-invited-roles.ts'
import { askedMarks } from './0025-asked-marks.ts'
import { typedEvents } from './0026-typed-events.ts'
import { documentSums } from './0027-document-sums.ts'
import { listIndexes } from './0028-list-indexes.ts'
import { seenFrom } from './0029-seen-from.ts'
import { composedNames } from './0030-composed-names.ts'
import { departments } from './0031-departments.ts'
import { documentKinds } from './0032-document-kinds.ts'

export const migrations: Record<string, Migration> = {
  '0001-foundation': foundation,
  '0002-receipt-schema': receiptSchema,
  '0003-lives': lives,
  '0004-ended-sessions': endedSessions,
  '0005-compaction': compaction,
  '0006-devices': devices,
  '0007-outbox': outbox,
  '0008-audit': audit,
  '0009-passwords': passwords,
  '0010-text-leases': textLeases,
  '0011-attempts': attempts,
  '0012-former-documents': formerDocuments,
  '0013-second-steps': secondSteps,
  '0014-people': people,
  '0015-api-tokens': apiTokens,
  '0016-sign-in-places': signInPlaces,
  '0017-custom-roles': customRoles,
  '0018-document-log': documentLog,
  '0019-sla-policies': slaPolicies,
  '0020-sla-rollouts': slaRollouts,
  '0021-sla-reports': slaReports,
  '0022-organisations': organisations,
  '0023-claimed-times': claimedTimes,
  '0024-invited-roles': invitedRoles,
  '0025-asked-marks': askedMarks,
  '0026-typed-events': typedEvents,
  '0027-document-sums': documentSums,
  '0028-list-indexes': listIndexes,
  '0029-seen-from': seenFrom,
  '0030-composed-names': composedNames,
  '0031-departments': departments,
  '0032-document-kinds': documentKinds,
}

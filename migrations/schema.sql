CREATE TABLE apiToken (
    id text primary key, userId text not null references user (id), name text not null, scopes text not null,
    createdAt integer not null, expiresAt integer not null, lastSeenAt integer, address text, userAgent text
  ) strict;

CREATE INDEX apiTokenByUser on apiToken (userId);

CREATE TABLE attempt (
    kind text not null, subject text not null, count integer not null, lastAt integer not null, nextAt integer not null,
    primary key (kind, subject)
  ) strict, without rowid;

CREATE INDEX attemptByAge on attempt (lastAt);

CREATE TABLE audience (
    key text not null, documentId text not null, fromSeq integer not null, toSeq integer, kind text not null default 'ticket',
    primary key (documentId, key, fromSeq)
  ) strict, without rowid;

CREATE INDEX audienceByEnd on audience (key, toSeq);

CREATE INDEX audienceByStart on audience (key, fromSeq);

CREATE INDEX audienceEnded on audience (toSeq) where toSeq is not null;

CREATE TRIGGER auditGrowsAtItsEnd before insert on audit
    when new.number is not (select coalesce(max(number), 0) + 1 from audit)
    begin select raise(abort, 'the audit log grows at its end'); end;

CREATE TRIGGER auditKeepsContent before update on audit
    begin select raise(abort, 'the audit log is append-only'); end;

CREATE TRIGGER auditKeepsRows before delete on audit
    begin select raise(abort, 'the audit log is append-only'); end;

CREATE TABLE audit (
    number integer primary key, at integer not null, type text not null, actorId text not null, subject text not null,
    subjectId text not null, deviceId text, sessionId text, address text, userAgent text, payload text not null,
    hash text not null
  ) strict;

CREATE INDEX auditByActor on audit (actorId, number);

CREATE INDEX auditByAddress on audit (address, number) where address is not null;

CREATE INDEX auditByKind on audit (subject, number);

CREATE INDEX auditBySubject on audit (subjectId, number);

CREATE INDEX auditByTime on audit (at, number);

CREATE INDEX auditByType on audit (type, number);

CREATE TABLE challenge (
    id text primary key, userId text not null references user (id), opens text not null, device text,
    expiresAt integer not null
  ) strict;

CREATE INDEX challengeByExpiry on challenge (expiresAt);

CREATE INDEX challengeByUser on challenge (userId);

CREATE TABLE comment (
    id text primary key, ticketId text not null references ticket (id), authorId text not null, authorName text not null,
    body text not null, visibility text not null check (visibility in ('public', 'internal')),
    createdAt integer not null, recordedAt integer not null, seq integer not null
  ) strict;

CREATE INDEX commentByTicket on comment (ticketId, seq, id);

CREATE TABLE counter (name text primary key, value integer not null) strict, without rowid;

CREATE TABLE customRole (
    id text primary key, name text not null unique collate nocase, base text not null, grants text not null,
    createdAt integer not null
  ) strict;

CREATE TABLE department (id text primary key, name text not null unique collate nocase, createdAt integer not null, "disabledAt" integer) strict;

CREATE TABLE device (
    id text primary key, userId text not null references user (id), incarnation integer not null,
    createdAt integer not null, lastSeenAt integer not null, cursor integer not null,
    skewMs integer not null, oldestPendingAt integer
  , formerId text, greetingCount integer not null default 0, greetingMark integer not null default 0, name text, revokedAt integer, revokedBy text, "seenFrom" integer default 0 not null, "provenFrom" integer default 0 not null) strict;

CREATE INDEX deviceByContact on device (lastSeenAt, id);

CREATE INDEX deviceByFormer on device (formerId) where formerId is not null;

CREATE INDEX deviceByUser on device (userId);

CREATE INDEX devicePending on device (lastSeenAt - oldestPendingAt, id) where oldestPendingAt is not null;

CREATE INDEX deviceUnused on device (createdAt, id)
    where lastSeenAt <= createdAt and oldestPendingAt is null and name is null and revokedAt is null;

CREATE TABLE document (
    id text primary key, stateSeq integer not null, state blob not null
  , "sum" integer, kind text not null default 'ticket') strict;

CREATE TABLE documentUpdate (
        documentId text not null, seq integer not null, "update" blob not null, "sum" integer, primary key (documentId, seq)
      ) strict, without rowid;

CREATE INDEX documentUpdateBySeq on documentUpdate (seq);

CREATE TABLE event (
    id integer primary key, seq integer not null, subject text not null, subjectId text not null, type text not null,
    actorId text not null, deviceId text, effectiveAt integer not null, recordedAt integer not null, payload text not null
  ) strict;

CREATE INDEX eventBySubject on event (subjectId, id);

CREATE INDEX eventTyped on event (subjectId, actorId, effectiveAt) where type = 'text-written';

CREATE TABLE formerDocument (documentId text primary key, endedSeq integer not null, state blob not null, "sum" integer) strict;

CREATE INDEX formerDocumentByEnd on formerDocument (endedSeq);

CREATE TABLE invitation (
    id text primary key, email text not null unique collate nocase, role text not null, departments text not null,
    needsApproval integer not null check (needsApproval in (0, 1)), invitedBy text references user (id),
    tokenHash text not null unique, createdAt integer not null, expiresAt integer not null
  , customRoleId text references customRole (id) on delete cascade) strict;

CREATE INDEX invitationByAge on invitation (createdAt, id);

CREATE INDEX invitationByCustomRole on invitation (customRoleId) where customRoleId is not null;

CREATE TABLE knownPlace (
    kind text not null, subject text not null, address text not null, lastAt integer not null,
    primary key (kind, subject, address)
  ) strict, without rowid;

CREATE INDEX knownPlaceByAge on knownPlace (lastAt);

CREATE TABLE lease (name text primary key, holder text not null, until integer not null) strict, without rowid;

CREATE TABLE membership (
    userId text not null references user (id), departmentId text not null references department (id), isHead integer not null default 0 check (isHead in (0, 1)),
    primary key (userId, departmentId)
  ) strict, without rowid;

CREATE INDEX membershipByDepartment on membership (departmentId, userId);

CREATE TABLE meta (key text primary key, value text not null) strict, without rowid;

CREATE TABLE notification (
    id text primary key, userId text not null references user (id), type text not null, ticketId text,
    payload text not null, createdAt integer not null, readAt integer
  ) strict;

CREATE INDEX notificationByUser on notification (userId, createdAt, id);

CREATE INDEX notificationUnread on notification (userId, createdAt, id) where readAt is null;

CREATE TABLE outbox (
    id text primary key, kind text not null, payload text not null, createdAt integer not null,
    attempts integer not null, nextAttemptAt integer not null, sentAt integer, lastError text
  , attemptAt integer, setAside text check (setAside in ('rejected', 'exhausted', 'unknown'))) strict;

CREATE INDEX outboxDue on outbox (kind, nextAttemptAt, id) where sentAt is null and setAside is null;

CREATE INDEX outboxSetAside on outbox (kind, createdAt, id) where sentAt is null and setAside is not null;

CREATE INDEX outboxWaiting on outbox (kind, createdAt, id) where sentAt is null and setAside is null;

CREATE TABLE passwordReset (
    userId text primary key references user (id), tokenHash text not null unique, expiresAt integer not null
  ) strict, without rowid;

CREATE TABLE receipt (
    number integer primary key, id text not null unique, name text not null, actorId text not null, deviceId text,
    subjectId text, groupId text, seen integer, input text,
    outcome text not null check (outcome in ('applied', 'adjusted', 'parked', 'refused')),
    code text, message text, hint text, waitsFor text, output text,
    effectiveAt integer not null, recordedAt integer not null, clockSuspect integer not null,
    decidedAt integer, decidedBy text, decidedSeq integer
  , "schema" integer not null default 1, claimedAt integer, asked text) strict;

CREATE INDEX receiptByGroup on receipt (groupId) where groupId is not null;

CREATE INDEX receiptClaimed on receipt (number) where claimedAt is not null and decidedAt is null;

CREATE INDEX receiptDecided on receipt (deviceId, decidedSeq) where decidedSeq is not null;

CREATE INDEX receiptKept on receipt (recordedAt) where outcome <> 'parked' and coalesce(input, output) is not null;

CREATE INDEX receiptParked on receipt (subjectId, deviceId) where outcome = 'parked';

CREATE INDEX receiptUndecided on receipt (number) where outcome = 'parked';

CREATE TABLE recovery (
    serverStart integer not null, deviceId text not null, userId text not null, since integer not null,
    offered integer not null, recovered integer not null, parked integer not null, refused integer not null,
    beganAt integer not null, finishedAt integer, primary key (serverStart, deviceId)
  ) strict, without rowid;

CREATE TABLE recoveryCode (
    userId text not null references user (id), hash text not null, primary key (userId, hash)
  ) strict, without rowid;

CREATE TABLE registration (
    email text primary key collate nocase, role text not null, departmentId text references department (id),
    requestedAt integer not null
  ) strict, without rowid;

CREATE TABLE resetRequest (
    email text primary key collate nocase, requestedAt integer not null
  ) strict, without rowid;

CREATE TABLE revision (seq integer primary key, tag text not null, at integer not null) strict;

CREATE TABLE secondStepRule (role text primary key, requiredAt integer not null) strict, without rowid;

CREATE TABLE session (
    id text primary key, userId text not null references user (id), createdAt integer not null, expiresAt integer not null
  , endCode text, device text, address text, userAgent text, lastSeenAt integer) strict;

CREATE INDEX sessionByExpiry on session (expiresAt) where endCode is null;

CREATE INDEX sessionByStart on session (createdAt) where endCode is null;

CREATE INDEX sessionByUser on session (userId);

CREATE TABLE setting (key text primary key, value text not null) strict, without rowid;

CREATE TABLE signInPlace (
        userId text not null references user (id), network text not null, lastAt integer not null,
        primary key (userId, network)
      ) strict, without rowid;

CREATE TABLE slaCalendar (
    id text primary key, name text not null unique collate nocase, versionId text not null, createdAt integer not null
  ) strict;

CREATE TABLE slaCalendarVersion (
    id text primary key, calendarId text not null references slaCalendar (id), number integer not null,
    value text not null, createdAt integer not null, createdBy text not null, unique (calendarId, number)
  ) strict;

CREATE TABLE slaChoice (
    id integer primary key, ticketId text not null references ticket (id), afterEvent integer not null,
    effectiveAt integer not null, recordedAt integer not null, policyVersion text references slaPolicyVersion (id),
    calendarVersion text references slaCalendarVersion (id), priority text not null, rule integer
  ) strict;

CREATE INDEX slaChoiceByTicket on slaChoice (ticketId, id);

CREATE TABLE slaClock (
    id text primary key, ticketId text not null references ticket (id), metric text not null, cycle integer not null,
    state text not null check (state in ('running', 'paused', 'stopped', 'cancelled', 'unschedulable')),
    startAt integer not null, targetMs integer not null, elapsedMs integer not null, markAt integer not null,
    dueAt integer, stopAt integer, breachAt integer, breachCause text,
    isProvisional integer not null check (isProvisional in (0, 1)), excusedAt integer, nextFireAt integer,
    pauses text not null, segments text not null, crossed text not null,
    retractions integer not null, isVoid integer not null check (isVoid in (0, 1)), confirmAt integer, acknowledgedAt integer, acknowledgedBy text,
    unique (ticketId, metric, cycle)
  ) strict;

CREATE INDEX slaClockByDeadline on slaClock (dueAt, id) where state = 'running';

CREATE INDEX slaClockDecided on slaClock (coalesce(breachAt, stopAt)) where coalesce(breachAt, stopAt) is not null;

CREATE INDEX slaClockDue on slaClock (nextFireAt) where nextFireAt is not null;

CREATE INDEX slaClockToConfirm on slaClock (confirmAt) where confirmAt is not null;

CREATE TABLE slaEvent (
    id integer primary key, clockId text not null references slaClock (id), kind text not null, level integer not null,
    generation integer not null, retractions integer not null, effectiveAt integer not null,
    recordedAt integer not null, detectedAt integer not null, payload text not null
  ) strict;

CREATE INDEX slaEventByClock on slaEvent (clockId, id);

CREATE UNIQUE INDEX slaEventOnce on slaEvent (clockId, kind, level, generation, retractions)
    where kind in ('start', 'level', 'breach');

CREATE INDEX slaEventRetracted on slaEvent (recordedAt) where kind = 'retract';

CREATE TABLE slaPolicy (
    id text primary key, position integer not null, isEnabled integer not null check (isEnabled in (0, 1)),
    versionId text not null, createdAt integer not null
  ) strict;

CREATE TABLE slaPolicyVersion (
    id text primary key, policyId text not null references slaPolicy (id), number integer not null,
    calendarId text not null references slaCalendar (id), value text not null, createdAt integer not null,
    createdBy text not null, unique (policyId, number)
  ) strict;

CREATE TABLE slaRollout (
      id integer primary key, at integer not null, afterTicket text not null
    ) strict;

CREATE TABLE slaTicket (
    ticketId text primary key references ticket (id), policyVersion text references slaPolicyVersion (id),
    calendarVersion text references slaCalendarVersion (id), priority text not null, standing text not null
  ) strict, without rowid;

CREATE TABLE staleDocument (ticketId text primary key) strict, without rowid;

CREATE TABLE textClient (clientId integer primary key, ownerId text not null, deviceId text, leasedAt integer) strict;

CREATE TABLE textSpan (
    documentId text not null, clientId integer not null, clock integer not null, length integer not null,
    authorId text not null, deviceId text, primary key (documentId, clientId, clock)
  ) strict, without rowid;

CREATE TABLE ticket (
    id text primary key, number text not null unique, title text not null, description text not null, notes text not null,
    status text not null, statusReason text, priority text not null, type text not null, category text, subcategory text,
    departmentId text references department (id), requesterId text not null references user (id),
    assigneeId text references user (id), skills text not null, estimateMinutes integer, dueAt integer, site text,
    custom text not null, resolution text, source text not null, escalationLevel integer not null,
    reopenCount integer not null, createdAt integer not null, recordedAt integer not null, startedAt integer,
    firstRespondedAt integer, resolvedAt integer, closedAt integer, rev integer not null
  ) strict;

CREATE INDEX ticketByAssigneeCreated on ticket (assigneeId, status, createdAt, id);

CREATE INDEX ticketByAssigneeDue on ticket (assigneeId, status, coalesce(dueAt, 8640000000000000), id);

CREATE INDEX ticketByAssigneeRank on ticket (assigneeId, status, case priority when 'urgent' then 3 when 'high' then 2 when 'medium' then 1 else 0 end, createdAt, id);

CREATE INDEX ticketByDepartmentCreated on ticket (departmentId, status, createdAt, id);

CREATE INDEX ticketByDepartmentDue on ticket (departmentId, status, coalesce(dueAt, 8640000000000000), id);

CREATE INDEX ticketByDepartmentRank on ticket (departmentId, status, case priority when 'urgent' then 3 when 'high' then 2 when 'medium' then 1 else 0 end, createdAt, id);

CREATE INDEX ticketByRequester on ticket (requesterId, createdAt);

CREATE INDEX ticketByRev on ticket (rev, id);

CREATE INDEX ticketByStatusCreated on ticket (status, createdAt, id);

CREATE INDEX ticketByStatusDue on ticket (status, coalesce(dueAt, 8640000000000000), id);

CREATE INDEX ticketByStatusRank on ticket (status, case priority when 'urgent' then 3 when 'high' then 2 when 'medium' then 1 else 0 end, createdAt, id);

CREATE INDEX ticketOpen on ticket (id) where status in ('open', 'in_progress', 'waiting_customer', 'waiting_third_party', 'on_hold');

CREATE TABLE ticketStamp (
    ticketId text not null references ticket (id), field text not null, seq integer not null, at integer not null,
    deviceId text, primary key (ticketId, field)
  ) strict, without rowid;

CREATE TABLE ticketTag (
    ticketId text not null references ticket (id), tag text not null, addedSeq integer not null, addedBy text,
    primary key (ticketId, tag)
  ) strict, without rowid;

CREATE INDEX ticketTagByTag on ticketTag (tag);

CREATE TABLE ticketWatcher (
    ticketId text not null references ticket (id), userId text not null references user (id), reason text not null,
    addedSeq integer not null, addedBy text, primary key (ticketId, userId)
  ) strict, without rowid;

CREATE INDEX ticketWatcherByUser on ticketWatcher (userId);

CREATE TABLE totp (
    userId text primary key references user (id), secret text not null, createdAt integer not null,
    confirmedAt integer, lastStep integer not null
  ) strict;

CREATE TABLE user (
    id text primary key, name text not null, email text not null unique collate nocase,
    role text not null check (role in ('admin', 'supervisor', 'agent', 'requester')),
    status text not null check (status in ('pending', 'active', 'disabled')),
    passwordHash text, locale text, zone text, createdAt integer not null, scopeSeq integer not null
  , number text, phone text, customRoleId text references customRole (id), organisation text) strict;

CREATE INDEX userByCustomRole on user (customRoleId) where customRoleId is not null;

CREATE INDEX userByName on user (name, id);

CREATE UNIQUE INDEX userByNumber on user (number);

CREATE INDEX userByRole on user (role, name, id);

CREATE INDEX userPending on user (createdAt, id) where status = 'pending';

CREATE TABLE workLog (
    id text primary key, ticketId text not null references ticket (id), authorId text not null, authorName text not null,
    minutes integer not null, note text, createdAt integer not null, recordedAt integer not null, seq integer not null
  ) strict;

CREATE INDEX workLogByTicket on workLog (ticketId, seq, id);

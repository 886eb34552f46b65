CREATE TABLE "migration" ("name" varchar(255) not null primary key, "timestamp" varchar(255) not null);
CREATE TABLE "migrationLock" ("id" varchar(255) not null primary key, "is_locked" integer default 0 not null);
CREATE TABLE meta (key text primary key, value text not null) strict, without rowid;
CREATE TABLE revision (seq integer primary key, tag text not null, at integer not null) strict;
CREATE TABLE document (
    id text primary key, stateSeq integer not null, lastSeq integer not null, tail integer not null, state blob not null
  ) strict;
CREATE TABLE documentUpdate (
    documentId text not null, seq integer not null, "update" blob not null, primary key (documentId, seq)
  ) strict;
CREATE TABLE audience (
    key text not null, documentId text not null, fromSeq integer not null, toSeq integer,
    primary key (documentId, key, fromSeq)
  ) strict, without rowid;
CREATE TABLE textClient (clientId integer primary key, ownerId text not null, deviceId text, leasedAt integer) strict;
CREATE TABLE event (
    id integer primary key, seq integer not null, subject text not null, subjectId text not null, type text not null,
    actorId text not null, deviceId text, effectiveAt integer not null, recordedAt integer not null, payload text not null
  ) strict;
CREATE TABLE receipt (
    number integer primary key, id text not null unique, name text not null, actorId text not null, deviceId text,
    subjectId text, groupId text, seen integer, input text,
    outcome text not null check (outcome in ('applied', 'adjusted', 'parked', 'refused')),
    code text, message text, hint text, waitsFor text, output text,
    effectiveAt integer not null, recordedAt integer not null, clockSuspect integer not null,
    decidedAt integer, decidedBy text, decidedSeq integer
  , "schema" integer not null default 1) strict;
CREATE TABLE outbox (
    id text primary key, kind text not null, payload text not null, createdAt integer not null,
    attempts integer not null, nextAttemptAt integer not null, sentAt integer, lastError text
  , attemptAt integer, setAside text check (setAside in ('rejected', 'exhausted', 'unknown'))) strict;
CREATE TABLE department (id text primary key, name text not null unique collate nocase, createdAt integer not null) strict;
CREATE TABLE user (
    id text primary key, name text not null, email text not null unique collate nocase,
    role text not null check (role in ('admin', 'supervisor', 'agent', 'requester')),
    status text not null check (status in ('pending', 'active', 'disabled')),
    passwordHash text, locale text, zone text, createdAt integer not null, scopeSeq integer not null
  , number text, phone text) strict;
CREATE TABLE membership (
    userId text not null references user (id), departmentId text not null references department (id), isHead integer not null default 0 check (isHead in (0, 1)),
    primary key (userId, departmentId)
  ) strict, without rowid;
CREATE TABLE session (
    id text primary key, userId text not null references user (id), createdAt integer not null, expiresAt integer not null
  , endCode text, device text, address text, userAgent text, lastSeenAt integer) strict;
CREATE TABLE device (
    id text primary key, userId text not null references user (id), incarnation integer not null,
    createdAt integer not null, lastSeenAt integer not null, cursor integer not null,
    skewMs integer not null, oldestPendingAt integer
  , formerId text, greetingCount integer not null default 0, greetingMark integer not null default 0, name text, revokedAt integer, revokedBy text) strict;
CREATE TABLE recovery (
    serverStart integer not null, deviceId text not null, userId text not null, since integer not null,
    offered integer not null, recovered integer not null, parked integer not null, refused integer not null,
    beganAt integer not null, finishedAt integer, primary key (serverStart, deviceId)
  ) strict, without rowid;
CREATE TABLE counter (name text primary key, value integer not null) strict, without rowid;
CREATE TABLE ticket (
    id text primary key, number text not null unique, title text not null, description text not null, notes text not null,
    status text not null, statusReason text, priority text not null, type text not null, category text, subcategory text,
    departmentId text references department (id), requesterId text not null references user (id),
    assigneeId text references user (id), skills text not null, estimateMinutes integer, dueAt integer, site text,
    custom text not null, resolution text, source text not null, escalationLevel integer not null,
    reopenCount integer not null, createdAt integer not null, recordedAt integer not null, startedAt integer,
    firstRespondedAt integer, resolvedAt integer, closedAt integer, rev integer not null
  ) strict;
CREATE TABLE ticketTag (
    ticketId text not null references ticket (id), tag text not null, addedSeq integer not null, addedBy text,
    primary key (ticketId, tag)
  ) strict, without rowid;
CREATE TABLE ticketWatcher (
    ticketId text not null references ticket (id), userId text not null references user (id), reason text not null,
    addedSeq integer not null, addedBy text, primary key (ticketId, userId)
  ) strict, without rowid;
CREATE TABLE ticketStamp (
    ticketId text not null references ticket (id), field text not null, seq integer not null, at integer not null,
    deviceId text, primary key (ticketId, field)
  ) strict, without rowid;
CREATE TABLE comment (
    id text primary key, ticketId text not null references ticket (id), authorId text not null, authorName text not null,
    body text not null, visibility text not null check (visibility in ('public', 'internal')),
    createdAt integer not null, recordedAt integer not null, seq integer not null
  ) strict;
CREATE TABLE workLog (
    id text primary key, ticketId text not null references ticket (id), authorId text not null, authorName text not null,
    minutes integer not null, note text, createdAt integer not null, recordedAt integer not null, seq integer not null
  ) strict;
CREATE TABLE slaClock (
    id text primary key, ticketId text not null references ticket (id), metric text not null, cycle integer not null,
    state text not null check (state in ('running', 'paused', 'stopped', 'cancelled')),
    startAt integer not null, targetMs integer not null, elapsedMs integer not null, markAt integer not null,
    dueAt integer, nextFireAt integer, stopAt integer, breachAt integer, generation integer not null,
    unique (ticketId, metric, cycle)
  ) strict;
CREATE TABLE slaEvent (
    id integer primary key, clockId text not null references slaClock (id), kind text not null, level integer not null,
    generation integer not null, effectiveAt integer not null, recordedAt integer not null, detectedAt integer not null,
    payload text not null
  ) strict;
CREATE TABLE notification (
    id text primary key, userId text not null references user (id), type text not null, ticketId text,
    payload text not null, createdAt integer not null, readAt integer
  ) strict;
CREATE TABLE audit (
    number integer primary key, at integer not null, type text not null, actorId text not null, subject text not null,
    subjectId text not null, deviceId text, sessionId text, address text, userAgent text, payload text not null,
    hash text not null
  ) strict;
CREATE TABLE resetRequest (
    email text primary key collate nocase, requestedAt integer not null
  ) strict, without rowid;
CREATE TABLE passwordReset (
    userId text primary key references user (id), tokenHash text not null unique, expiresAt integer not null
  ) strict, without rowid;
CREATE TABLE textSpan (
    documentId text not null, clientId integer not null, clock integer not null, length integer not null,
    authorId text not null, deviceId text, primary key (documentId, clientId, clock)
  ) strict, without rowid;
CREATE TABLE attempt (
    kind text not null, subject text not null, count integer not null, lastAt integer not null, nextAt integer not null,
    primary key (kind, subject)
  ) strict, without rowid;
CREATE TABLE knownPlace (
    kind text not null, subject text not null, address text not null, lastAt integer not null,
    primary key (kind, subject, address)
  ) strict, without rowid;
CREATE TABLE formerDocument (documentId text primary key, endedSeq integer not null, state blob not null) strict;
CREATE TABLE totp (
    userId text primary key references user (id), secret text not null, createdAt integer not null,
    confirmedAt integer, lastStep integer not null
  ) strict;
CREATE TABLE recoveryCode (
    userId text not null references user (id), hash text not null, primary key (userId, hash)
  ) strict, without rowid;
CREATE TABLE challenge (
    id text primary key, userId text not null references user (id), opens text not null, device text,
    expiresAt integer not null
  ) strict;
CREATE TABLE secondStepRule (role text primary key, requiredAt integer not null) strict, without rowid;
CREATE TABLE setting (key text primary key, value text not null) strict, without rowid;
CREATE TABLE registration (
    email text primary key collate nocase, role text not null, departmentId text references department (id),
    requestedAt integer not null
  ) strict, without rowid;
CREATE TABLE invitation (
    id text primary key, email text not null unique collate nocase, role text not null, departments text not null,
    needsApproval integer not null check (needsApproval in (0, 1)), invitedBy text references user (id),
    tokenHash text not null unique, createdAt integer not null, expiresAt integer not null
  ) strict;
CREATE TABLE apiToken (
    id text primary key, userId text not null references user (id), name text not null, scopes text not null,
    createdAt integer not null, expiresAt integer not null, lastSeenAt integer, address text, userAgent text
  ) strict;
CREATE TABLE signInPlace (
        userId text not null references user (id), network text not null, lastAt integer not null,
        primary key (userId, network)
      ) strict, without rowid;
insert into "migration" values ('0001-foundation', '2026-11-28T13:33:48.274Z');
insert into "migration" values ('0002-receipt-schema', '2026-11-28T13:33:48.284Z');
insert into "migration" values ('0003-lives', '2026-11-28T13:33:48.285Z');
insert into "migration" values ('0004-ended-sessions', '2026-11-28T13:33:48.286Z');
insert into "migration" values ('0005-compaction', '2026-11-28T13:33:48.292Z');
insert into "migration" values ('0006-devices', '2026-11-28T13:33:48.294Z');
insert into "migration" values ('0007-outbox', '2026-11-28T13:33:48.312Z');
insert into "migration" values ('0008-audit', '2026-11-28T13:33:48.315Z');
insert into "migration" values ('0009-passwords', '2026-11-28T13:33:48.320Z');
insert into "migration" values ('0010-text-leases', '2026-11-28T13:33:48.322Z');
insert into "migration" values ('0011-attempts', '2026-11-28T13:33:48.323Z');
insert into "migration" values ('0012-former-documents', '2026-11-28T13:33:48.328Z');
insert into "migration" values ('0013-second-steps', '2026-11-28T13:33:48.329Z');
insert into "migration" values ('0014-people', '2026-11-28T13:33:48.341Z');
insert into "migration" values ('0015-api-tokens', '2026-11-28T13:33:48.342Z');
insert into "migration" values ('0016-sign-in-places', '2026-11-28T13:33:48.343Z');
insert into "migrationLock" values ('migration_lock', 0);
insert into "meta" values ('auditHead', '{"number":6,"hash":"5a67edb1291990174b03580f469314921b047fd3f390ae312eeefd01de719966"}');
insert into "meta" values ('epoch', '4wTBS4QU01Sm');
insert into "revision" values (1, '-GK3tjDC', 1772442000000);
insert into "revision" values (2, '8gRrxj0I', 1772442000000);
insert into "revision" values (3, 'qWftD5fJ', 1772442000000);
insert into "revision" values (4, 'p98bqd_7', 1772442000000);
insert into "revision" values (5, 'nftJ0OW_', 1772442000000);
insert into "revision" values (6, 'WLos5gz2', 1772442000000);
insert into "revision" values (7, 'RoMTF2Ie', 1772442000000);
insert into "revision" values (8, 'ikC67gZ3', 1772442000000);
insert into "revision" values (9, 'o3X3p34f', 1772442000000);
insert into "revision" values (10, 'vQbe2YyJ', 1772442000000);
insert into "document" values ('01a2225c-ae4f-70ab-bef0-0660735962b3', 4, 9, 5, X'0120D2B0D9FD0F0004010B6465736372697074696F6E0A5061706572206A616D2E2801066669656C647302696401772430316132323235632D616534662D373061622D626566302D3036363037333539363262332801066669656C6473066E756D626572017708544B542D303030312801066669656C6473057469746C650177075072696E7465722801066669656C6473067374617475730177046F70656E2801066669656C64730C737461747573526561736F6E017E2801066669656C6473087072696F726974790177066D656469756D2801066669656C64730474797065017708696E636964656E742801066669656C64730863617465676F7279017E2801066669656C64730B73756263617465676F7279017E2801066669656C64730C6465706172746D656E74496401772430313963616463362D396138302D373436632D396436322D6230383835633033643835312801066669656C64730B726571756573746572496401772430313963616463362D396138302D373436632D396436322D6261306139356566323564302801066669656C64730A61737369676E65654964017E2801066669656C647306736B696C6C730175002801066669656C64730F657374696D6174654D696E75746573017E2801066669656C6473056475654174017E2801066669656C64730473697465017E2801066669656C647306637573746F6D0176002801066669656C64730A7265736F6C7574696F6E017E2801066669656C647306736F757263650177056167656E742801066669656C64730F657363616C6174696F6E4C6576656C017D002801066669656C64730B72656F70656E436F756E74017D002801066669656C647309637265617465644174017B4279CADC69A800002801066669656C647309737461727465644174017E2801066669656C6473106669727374526573706F6E6465644174017E2801066669656C64730A7265736F6C7665644174017E2801066669656C647308636C6F7365644174017E2801066669656C64730D7265717565737465724E616D650177066F66666963652801066669656C64730C61737369676E65654E616D65017E2801066669656C647304746167730175002801066669656C64730877617463686572730175002801066669656C647306636C6F636B730175027605066D6574726963770E66697273745F726573706F6E7365057374617465770772756E6E696E670564756541747B4279CAEA254800000973746F7070656441747E0A627265616368656441747E7605066D6574726963770A7265736F6C7574696F6E057374617465770772756E6E696E670564756541747B4279CB2ECF6800000973746F7070656441747E0A627265616368656441747E00');
insert into "documentUpdate" values ('01a2225c-ae4f-70ab-bef0-0660735962b3', 4, X'0120D2B0D9FD0F0004010B6465736372697074696F6E0A5061706572206A616D2E2801066669656C647302696401772430316132323235632D616534662D373061622D626566302D3036363037333539363262332801066669656C6473066E756D626572017708544B542D303030312801066669656C6473057469746C650177075072696E7465722801066669656C6473067374617475730177046F70656E2801066669656C64730C737461747573526561736F6E017E2801066669656C6473087072696F726974790177066D656469756D2801066669656C64730474797065017708696E636964656E742801066669656C64730863617465676F7279017E2801066669656C64730B73756263617465676F7279017E2801066669656C64730C6465706172746D656E74496401772430313963616463362D396138302D373436632D396436322D6230383835633033643835312801066669656C64730B726571756573746572496401772430313963616463362D396138302D373436632D396436322D6261306139356566323564302801066669656C64730A61737369676E65654964017E2801066669656C647306736B696C6C730175002801066669656C64730F657374696D6174654D696E75746573017E2801066669656C6473056475654174017E2801066669656C64730473697465017E2801066669656C647306637573746F6D0176002801066669656C64730A7265736F6C7574696F6E017E2801066669656C647306736F757263650177056167656E742801066669656C64730F657363616C6174696F6E4C6576656C017D002801066669656C64730B72656F70656E436F756E74017D002801066669656C647309637265617465644174017B4279CADC69A800002801066669656C647309737461727465644174017E2801066669656C6473106669727374526573706F6E6465644174017E2801066669656C64730A7265736F6C7665644174017E2801066669656C647308636C6F7365644174017E2801066669656C64730D7265717565737465724E616D650177066F66666963652801066669656C64730C61737369676E65654E616D65017E2801066669656C647304746167730175002801066669656C64730877617463686572730175002801066669656C647306636C6F636B730175027605066D6574726963770E66697273745F726573706F6E7365057374617465770772756E6E696E670564756541747B4279CAEA254800000973746F7070656441747E0A627265616368656441747E7605066D6574726963770A7265736F6C7574696F6E057374617465770772756E6E696E670564756541747B4279CB2ECF6800000973746F7070656441747E0A627265616368656441747E00');
insert into "documentUpdate" values ('01a2225c-ae4f-70ab-bef0-0660735962b3', 5, X'0102D2B0D9FD0F29A8D2B0D9FD0F1501772430313963616463362D396138302D373436632D396436322D623635656135363231393735A8D2B0D9FD0F2501770361646101D2B0D9FD0F0215012501');
insert into "documentUpdate" values ('01a2225c-ae4f-70ab-bef0-0660735962b3', 6, X'0104D2B0D9FD0F2BA8D2B0D9FD0F20017B4279CADC69A80000A8D2B0D9FD0F21017B4279CADC69A80000A8D2B0D9FD0F280175027605066D6574726963770E66697273745F726573706F6E7365057374617465770773746F707065640564756541747B4279CAEA254800000973746F7070656441747B4279CADC69A800000A627265616368656441747E7605066D6574726963770A7265736F6C7574696F6E057374617465770772756E6E696E670564756541747B4279CB2ECF6800000973746F7070656441747E0A627265616368656441747E080108636F6D6D656E7473017606026964772430313963616463362D396138302D373132622D383164322D31353862363037613536336108617574686F724964772430313963616463362D396138302D373436632D396436322D6236356561353632313937350A617574686F724E616D65770361646104626F647977094F6E206D79207761790A7669736962696C69747977067075626C6963096372656174656441747B4279CADC69A8000001D2B0D9FD0F0220022801');
insert into "documentUpdate" values ('01a2225c-ae4f-70ab-bef0-0660735962b3', 7, X'0101D2B0D9FD0F2FA8D2B0D9FD0F0D01770B696E5F70726F677265737301D2B0D9FD0F010D01');
insert into "documentUpdate" values ('01a2225c-ae4f-70ab-bef0-0660735962b3', 8, X'0101C9D3C19D0B000401056E6F74657305467573657200');
insert into "documentUpdate" values ('01a2225c-ae4f-70ab-bef0-0660735962b3', 9, X'0104D2B0D9FD0F30A8D2B0D9FD0F2F0177087265736F6C766564A8D2B0D9FD0F1B0177094E6577206675736572A8D2B0D9FD0F22017B4279CADC69A80000A8D2B0D9FD0F2D0175027605066D6574726963770E66697273745F726573706F6E7365057374617465770773746F707065640564756541747B4279CAEA254800000973746F7070656441747B4279CADC69A800000A627265616368656441747E7605066D6574726963770A7265736F6C7574696F6E057374617465770773746F707065640564756541747B4279CB2ECF6800000973746F7070656441747B4279CADC69A800000A627265616368656441747E01D2B0D9FD0F041B0122012D012F01');
insert into "audience" values ('assigned:019cadc6-9a80-746c-9d62-b65ea5621975', '01a2225c-ae4f-70ab-bef0-0660735962b3', 5, 9);
insert into "audience" values ('department:019cadc6-9a80-746c-9d62-b0885c03d851', '01a2225c-ae4f-70ab-bef0-0660735962b3', 4, 9);
insert into "audience" values ('queue:019cadc6-9a80-746c-9d62-b0885c03d851', '01a2225c-ae4f-70ab-bef0-0660735962b3', 4, 5);
insert into "textClient" values (3014683081, '019cadc6-9a80-746c-9d62-b65ea5621975', '019cadc6-9a80-7630-bd09-5babf1859d44', 1772442000000);
insert into "textClient" values (4290140242, 'system', NULL, 1772442000000);
insert into "event" values (1, 1, 'department', '019cadc6-9a80-746c-9d62-b0885c03d851', 'department-created', 'system', NULL, 1772442000000, 1772442000000, '{"name":"support"}');
insert into "event" values (2, 2, 'user', '019cadc6-9a80-746c-9d62-b65ea5621975', 'user-created', 'system', NULL, 1772442000000, 1772442000000, '{"name":"ada","role":"agent","departments":["019cadc6-9a80-746c-9d62-b0885c03d851"]}');
insert into "event" values (3, 3, 'user', '019cadc6-9a80-746c-9d62-ba0a95ef25d0', 'user-created', 'system', NULL, 1772442000000, 1772442000000, '{"name":"office","role":"admin","departments":[]}');
insert into "event" values (4, 4, 'ticket', '01a2225c-ae4f-70ab-bef0-0660735962b3', 'ticket-created', '019cadc6-9a80-746c-9d62-ba0a95ef25d0', NULL, 1772442000000, 1772442000000, '{"number":"TKT-0001","title":"Printer","priority":"medium"}');
insert into "event" values (5, 5, 'ticket', '01a2225c-ae4f-70ab-bef0-0660735962b3', 'ticket-assigned', '019cadc6-9a80-746c-9d62-ba0a95ef25d0', NULL, 1772442000000, 1772442000000, '{"from":null,"to":"019cadc6-9a80-746c-9d62-b65ea5621975"}');
insert into "event" values (6, 6, 'ticket', '01a2225c-ae4f-70ab-bef0-0660735962b3', 'comment-added', '019cadc6-9a80-746c-9d62-b65ea5621975', '019cadc6-9a80-7630-bd09-5babf1859d44', 1772442000000, 1772442000000, '{"commentId":"019cadc6-9a80-712b-81d2-158b607a563a","visibility":"public","byRequester":false}');
insert into "event" values (7, 7, 'ticket', '01a2225c-ae4f-70ab-bef0-0660735962b3', 'ticket-status-changed', '019cadc6-9a80-746c-9d62-b65ea5621975', '019cadc6-9a80-7630-bd09-5babf1859d44', 1772442000000, 1772442000000, '{"from":"open","to":"in_progress","reason":null,"resolution":null}');
insert into "event" values (8, 8, 'ticket', '01a2225c-ae4f-70ab-bef0-0660735962b3', 'text-written', '019cadc6-9a80-746c-9d62-b65ea5621975', '019cadc6-9a80-7630-bd09-5babf1859d44', 1772442000000, 1772442000000, '{"texts":["notes"]}');
insert into "event" values (9, 9, 'ticket', '01a2225c-ae4f-70ab-bef0-0660735962b3', 'ticket-status-changed', '019cadc6-9a80-746c-9d62-b65ea5621975', '019cadc6-9a80-7630-bd09-5babf1859d44', 1772442000000, 1772442000000, '{"from":"in_progress","to":"resolved","reason":null,"resolution":"New fuser"}');
insert into "event" values (10, 10, 'invitation', '019cadc6-9a80-746c-9d62-d4dafffd4fcc', 'invitation-sent', '019cadc6-9a80-746c-9d62-ba0a95ef25d0', NULL, 1772442000000, 1772442000000, '{"email":"ned@example.com","role":"requester","departments":[]}');
insert into "receipt" values (1, '019cadc6-9a80-73d7-b4f3-6bff7f46fd29', 'comment.add', '019cadc6-9a80-746c-9d62-b65ea5621975', '019cadc6-9a80-7630-bd09-5babf1859d44', '01a2225c-ae4f-70ab-bef0-0660735962b3', NULL, 5, NULL, 'applied', NULL, NULL, NULL, NULL, NULL, 1772442000000, 1772442000000, 0, NULL, NULL, NULL, 2);
insert into "receipt" values (2, '019cadc6-9a80-77f4-81ac-3125acd91e53', 'ticket.transition', '019cadc6-9a80-746c-9d62-b65ea5621975', '019cadc6-9a80-7630-bd09-5babf1859d44', '01a2225c-ae4f-70ab-bef0-0660735962b3', NULL, 5, NULL, 'applied', NULL, NULL, NULL, NULL, NULL, 1772442000000, 1772442000000, 0, NULL, NULL, NULL, 2);
insert into "receipt" values (3, '019cadc6-9a80-7364-b882-f8a72db8eeec', 'text.write', '019cadc6-9a80-746c-9d62-b65ea5621975', '019cadc6-9a80-7630-bd09-5babf1859d44', '01a2225c-ae4f-70ab-bef0-0660735962b3', NULL, 5, NULL, 'applied', NULL, NULL, NULL, NULL, NULL, 1772442000000, 1772442000000, 0, NULL, NULL, NULL, 2);
insert into "receipt" values (4, '019cadc6-9a80-7663-b816-eafc0c084e1d', 'ticket.resolve', '019cadc6-9a80-746c-9d62-b65ea5621975', '019cadc6-9a80-7630-bd09-5babf1859d44', '01a2225c-ae4f-70ab-bef0-0660735962b3', NULL, 5, NULL, 'applied', NULL, NULL, NULL, NULL, NULL, 1772442000000, 1772442000000, 0, NULL, NULL, NULL, 2);
insert into "outbox" values ('019cadc6-9a80-746c-9d62-d964bee8106a', 'mail', '{"to":"ned@example.com","letter":"invitation","fields":{"inviter":"office","token":"z15-eritljkU4Re_PsBFF7srDY6UPtMowNGTZkLP0V0","expiresAt":1773046800000}}', 1772442000000, 0, 1772442000000, NULL, NULL, NULL, NULL);
insert into "department" values ('019cadc6-9a80-746c-9d62-b0885c03d851', 'support', 1772442000000);
insert into "user" values ('019cadc6-9a80-746c-9d62-b65ea5621975', 'ada', 'ada@example.com', 'agent', 'active', NULL, NULL, NULL, 1772442000000, 2, 'TEC-0001', NULL);
insert into "user" values ('019cadc6-9a80-746c-9d62-ba0a95ef25d0', 'office', 'office@example.com', 'admin', 'active', NULL, NULL, NULL, 1772442000000, 3, 'TEC-0002', NULL);
insert into "membership" values ('019cadc6-9a80-746c-9d62-b65ea5621975', '019cadc6-9a80-746c-9d62-b0885c03d851', 0);
insert into "session" values ('0d35aa1a92766e703c194e31cff15e4051633b369a01a5d190d238ac2f3a19a4', '019cadc6-9a80-746c-9d62-b65ea5621975', 1772442000000, 1775034000000, NULL, NULL, NULL, NULL, 1772442000000);
insert into "session" values ('0bde65c5cfa6db2a20d5727180895e8df12c5ce62e52c8d467e5a0ab21101913', '019cadc6-9a80-746c-9d62-ba0a95ef25d0', 1772442000000, 1775034000000, NULL, NULL, NULL, NULL, 1772442000000);
insert into "device" values ('019cadc6-9a80-7630-bd09-5babf1859d44', '019cadc6-9a80-746c-9d62-b65ea5621975', 1, 1772442000000, 1772442000000, 0, 0, NULL, NULL, 1, 967931534, NULL, NULL, NULL);
insert into "counter" values ('technician', 2);
insert into "counter" values ('ticket', 1);
insert into "ticket" values ('01a2225c-ae4f-70ab-bef0-0660735962b3', 'TKT-0001', 'Printer', 'Paper jam.', 'Fuser', 'resolved', NULL, 'medium', 'incident', NULL, NULL, '019cadc6-9a80-746c-9d62-b0885c03d851', '019cadc6-9a80-746c-9d62-ba0a95ef25d0', '019cadc6-9a80-746c-9d62-b65ea5621975', '[]', NULL, NULL, NULL, '{}', 'New fuser', 'agent', 0, 0, 1772442000000, 1772442000000, 1772442000000, 1772442000000, 1772442000000, NULL, 9);
insert into "ticketStamp" values ('01a2225c-ae4f-70ab-bef0-0660735962b3', 'assignee', 5, 1772442000000, NULL);
insert into "ticketStamp" values ('01a2225c-ae4f-70ab-bef0-0660735962b3', 'status', 9, 1772442000000, '019cadc6-9a80-7630-bd09-5babf1859d44');
insert into "comment" values ('019cadc6-9a80-712b-81d2-158b607a563a', '01a2225c-ae4f-70ab-bef0-0660735962b3', '019cadc6-9a80-746c-9d62-b65ea5621975', 'ada', 'On my way', 'public', 1772442000000, 1772442000000, 6);
insert into "slaClock" values ('019cadc6-9a80-746c-9d62-bc3288042d56', '01a2225c-ae4f-70ab-bef0-0660735962b3', 'first_response', 1, 'stopped', 1772442000000, 14400000, 0, 1772442000000, 1772456400000, NULL, 1772442000000, NULL, 0);
insert into "slaClock" values ('019cadc6-9a80-746c-9d62-c21350bfb7f0', '01a2225c-ae4f-70ab-bef0-0660735962b3', 'resolution', 1, 'stopped', 1772442000000, 86400000, 0, 1772442000000, 1772528400000, NULL, 1772442000000, NULL, 0);
insert into "slaEvent" values (1, '019cadc6-9a80-746c-9d62-bc3288042d56', 'start', 0, 0, 1772442000000, 1772442000000, 1772442000000, '{}');
insert into "slaEvent" values (2, '019cadc6-9a80-746c-9d62-c21350bfb7f0', 'start', 0, 0, 1772442000000, 1772442000000, 1772442000000, '{}');
insert into "slaEvent" values (3, '019cadc6-9a80-746c-9d62-bc3288042d56', 'stop', 0, 0, 1772442000000, 1772442000000, 1772442000000, '{}');
insert into "slaEvent" values (4, '019cadc6-9a80-746c-9d62-c21350bfb7f0', 'stop', 0, 0, 1772442000000, 1772442000000, 1772442000000, '{}');
insert into "notification" values ('019cadc6-9a80-746c-9d62-c47f7974de76', '019cadc6-9a80-746c-9d62-b65ea5621975', 'ticket-assigned', '01a2225c-ae4f-70ab-bef0-0660735962b3', '{"from":null,"to":"019cadc6-9a80-746c-9d62-b65ea5621975","number":"TKT-0001"}', 1772442000000, NULL);
insert into "notification" values ('019cadc6-9a80-746c-9d62-c92319c3f3a9', '019cadc6-9a80-746c-9d62-ba0a95ef25d0', 'comment-added', '01a2225c-ae4f-70ab-bef0-0660735962b3', '{"commentId":"019cadc6-9a80-712b-81d2-158b607a563a","visibility":"public","byRequester":false,"number":"TKT-0001"}', 1772442000000, NULL);
insert into "notification" values ('019cadc6-9a80-746c-9d62-ccfa65cd0681', '019cadc6-9a80-746c-9d62-ba0a95ef25d0', 'ticket-status-changed', '01a2225c-ae4f-70ab-bef0-0660735962b3', '{"from":"open","to":"in_progress","reason":null,"resolution":null,"number":"TKT-0001"}', 1772442000000, NULL);
insert into "notification" values ('019cadc6-9a80-746c-9d62-d1bd5acfb06c', '019cadc6-9a80-746c-9d62-ba0a95ef25d0', 'ticket-status-changed', '01a2225c-ae4f-70ab-bef0-0660735962b3', '{"from":"in_progress","to":"resolved","reason":null,"resolution":"New fuser","number":"TKT-0001"}', 1772442000000, NULL);
insert into "audit" values (1, 1772442000000, 'department-created', 'system', 'department', '019cadc6-9a80-746c-9d62-b0885c03d851', NULL, NULL, NULL, NULL, '{"name":"support"}', '1a7af248d286dbc10fcd3dfdc4cddc3b1745abc14e248dbff8a0b323212cf59d');
insert into "audit" values (2, 1772442000000, 'user-created', 'system', 'user', '019cadc6-9a80-746c-9d62-b65ea5621975', NULL, NULL, NULL, NULL, '{"name":"ada","role":"agent","departments":["019cadc6-9a80-746c-9d62-b0885c03d851"]}', '8592095406437742da5af22fd156e9fc2cc74ecf38268a33e131d27c98eb129f');
insert into "audit" values (3, 1772442000000, 'session-started', '019cadc6-9a80-746c-9d62-b65ea5621975', 'user', '019cadc6-9a80-746c-9d62-b65ea5621975', NULL, NULL, NULL, NULL, '{"session":"0d35aa1a92766e703c194e31cff15e4051633b369a01a5d190d238ac2f3a19a4"}', 'bb5c35597e37eb7abe34a89059037f968c7bb0eb3d6621ed841dde6220c57e51');
insert into "audit" values (4, 1772442000000, 'user-created', 'system', 'user', '019cadc6-9a80-746c-9d62-ba0a95ef25d0', NULL, NULL, NULL, NULL, '{"name":"office","role":"admin","departments":[]}', '0818aadbef00ffa656eaa8aad81c6132a1438bc19f4e9579d35f170c8ab0cd83');
insert into "audit" values (5, 1772442000000, 'session-started', '019cadc6-9a80-746c-9d62-ba0a95ef25d0', 'user', '019cadc6-9a80-746c-9d62-ba0a95ef25d0', NULL, NULL, NULL, NULL, '{"session":"0bde65c5cfa6db2a20d5727180895e8df12c5ce62e52c8d467e5a0ab21101913"}', '2c5a032ebea6b120198618d2a936486d59a2fb3cbbd1eb983ba6aca6bee0fd77');
insert into "audit" values (6, 1772442000000, 'invitation-sent', '019cadc6-9a80-746c-9d62-ba0a95ef25d0', 'invitation', '019cadc6-9a80-746c-9d62-d4dafffd4fcc', NULL, '0bde65c5cfa6db2a20d5727180895e8df12c5ce62e52c8d467e5a0ab21101913', '127.0.0.1', 'node', '{"email":"ned@example.com","role":"requester","departments":[]}', '5a67edb1291990174b03580f469314921b047fd3f390ae312eeefd01de719966');
insert into "textSpan" values ('01a2225c-ae4f-70ab-bef0-0660735962b3', 4290140242, 0, 10, '019cadc6-9a80-746c-9d62-ba0a95ef25d0', NULL);
insert into "invitation" values ('019cadc6-9a80-746c-9d62-d4dafffd4fcc', 'ned@example.com', 'requester', '[]', 0, '019cadc6-9a80-746c-9d62-ba0a95ef25d0', '84198774f4ec4cc2b21ffbfd7c3a23c278388f023a8e422c33edd88835884f3d', 1772442000000, 1773046800000);
CREATE INDEX audienceByStart on audience (key, fromSeq);
CREATE INDEX audienceByEnd on audience (key, toSeq);
CREATE INDEX eventBySubject on event (subjectId, id);
CREATE INDEX receiptParked on receipt (subjectId, deviceId) where outcome = 'parked';
CREATE INDEX receiptDecided on receipt (deviceId, decidedSeq) where decidedSeq is not null;
CREATE INDEX receiptByGroup on receipt (groupId) where groupId is not null;
CREATE INDEX sessionByUser on session (userId);
CREATE INDEX ticketByCreation on ticket (createdAt, id);
CREATE INDEX ticketByRequester on ticket (requesterId, createdAt);
CREATE INDEX ticketByAssignee on ticket (assigneeId, status);
CREATE INDEX ticketByDepartment on ticket (departmentId, status);
CREATE INDEX ticketTagByTag on ticketTag (tag);
CREATE INDEX ticketWatcherByUser on ticketWatcher (userId);
CREATE INDEX commentByTicket on comment (ticketId, seq);
CREATE INDEX workLogByTicket on workLog (ticketId, seq);
CREATE INDEX slaClockDue on slaClock (nextFireAt) where state = 'running';
CREATE UNIQUE INDEX slaEventOnce on slaEvent (clockId, kind, level, generation) where kind in ('start', 'level', 'breach');
CREATE INDEX notificationByUser on notification (userId, createdAt);
CREATE INDEX documentUpdateBySeq on documentUpdate (seq);
CREATE INDEX audienceEnded on audience (toSeq) where toSeq is not null;
CREATE INDEX receiptKept on receipt (recordedAt) where outcome <> 'parked' and coalesce(input, output) is not null;
CREATE INDEX deviceByUser on device (userId);
CREATE INDEX outboxDue on outbox (nextAttemptAt) where sentAt is null and setAside is null;
CREATE INDEX outboxSetAside on outbox (createdAt) where setAside is not null;
CREATE INDEX auditByType on audit (type, number);
CREATE INDEX auditByActor on audit (actorId, number);
CREATE INDEX auditBySubject on audit (subjectId, number);
CREATE TRIGGER auditGrowsAtItsEnd before insert on audit
    when new.number is not (select coalesce(max(number), 0) + 1 from audit)
    begin select raise(abort, 'the audit log grows at its end'); end;
CREATE TRIGGER auditKeepsContent before update on audit
    begin select raise(abort, 'the audit log is append-only'); end;
CREATE TRIGGER auditKeepsRows before delete on audit
    begin select raise(abort, 'the audit log is append-only'); end;
CREATE INDEX attemptByAge on attempt (lastAt);
CREATE INDEX knownPlaceByAge on knownPlace (lastAt);
CREATE INDEX formerDocumentByEnd on formerDocument (endedSeq);
CREATE INDEX challengeByUser on challenge (userId);
CREATE UNIQUE INDEX userByNumber on user (number);
CREATE INDEX apiTokenByUser on apiToken (userId);

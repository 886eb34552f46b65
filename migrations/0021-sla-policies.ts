/**
 * SLA calendars and policies with their versions, the choice of a policy for each ticket, and clocks with their whole
 * history. The clocks so far follow from the log: the server computes them anew when it starts.
 */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const ALWAYS_OPEN = JSON.stringify({
  zone: 'UTC',
  weekly: Object.fromEntries(
    ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, [['00:00', '24:00']]]),
  ),
  closures: [],
  openings: [],
})

/** The targets that all tickets had until now, in minutes. */
const AROUND_THE_CLOCK = JSON.stringify({
  name: 'Around the clock',
  rules: [{}],
  targets: {
    first_response: { urgent: 30, high: 60, medium: 240, low: 480 },
    resolution: { urgent: 240, high: 480, medium: 1440, low: 2880 },
  },
  calendarId: 'always',
  levels: [],
})

const STATEMENTS = [
  `create table slaCalendar (
    id text primary key, name text not null unique collate nocase, versionId text not null, createdAt integer not null
  ) strict`,
  `create table slaCalendarVersion (
    id text primary key, calendarId text not null references slaCalendar (id), number integer not null,
    value text not null, createdAt integer not null, createdBy text not null, unique (calendarId, number)
  ) strict`,
  `create table slaPolicy (
    id text primary key, position integer not null, isEnabled integer not null check (isEnabled in (0, 1)),
    versionId text not null, createdAt integer not null
  ) strict`,
  `create table slaPolicyVersion (
    id text primary key, policyId text not null references slaPolicy (id), number integer not null,
    calendarId text not null references slaCalendar (id), value text not null, createdAt integer not null,
    createdBy text not null, unique (policyId, number)
  ) strict`,
  `insert into slaCalendar values ('always', 'Always open', 'always', 0)`,
  `insert into slaCalendarVersion values ('always', 'always', 1, '${ALWAYS_OPEN}', 0, 'system')`,
  `insert into slaPolicy values ('default', 0, 1, 'default', 0)`,
  `insert into slaPolicyVersion values ('default', 'default', 1, 'always', '${AROUND_THE_CLOCK}', 0, 'system')`,
  `create table slaChoice (
    id integer primary key, ticketId text not null references ticket (id), afterEvent integer not null,
    effectiveAt integer not null, recordedAt integer not null, policyVersion text references slaPolicyVersion (id),
    calendarVersion text references slaCalendarVersion (id), priority text not null, rule integer
  ) strict`,
  `create index slaChoiceByTicket on slaChoice (ticketId, id)`,
  `insert into slaChoice (
      ticketId, afterEvent, effectiveAt, recordedAt, policyVersion, calendarVersion, priority, rule
    ) select subjectId, id, effectiveAt, recordedAt, 'default', 'always', priority, 0 from (
      select *, payload ->> case type when 'ticket-created' then '$.priority' else '$.to.priority' end as priority
      from event where subject = 'ticket' and type in ('ticket-created', 'ticket-edited')
    ) where priority is not null order by id`,
  `create table slaTicket (
    ticketId text primary key references ticket (id), policyVersion text references slaPolicyVersion (id),
    calendarVersion text references slaCalendarVersion (id), priority text not null, standing text not null
  ) strict, without rowid`,
  `drop table slaEvent`,
  `drop table slaClock`,
  `create table slaClock (
    id text primary key, ticketId text not null references ticket (id), metric text not null, cycle integer not null,
    state text not null check (state in ('running', 'paused', 'stopped', 'cancelled', 'unschedulable')),
    startAt integer not null, targetMs integer not null, elapsedMs integer not null, markAt integer not null,
    dueAt integer, stopAt integer, breachAt integer, breachCause text,
    isProvisional integer not null check (isProvisional in (0, 1)), excusedAt integer, nextFireAt integer,
    pauses text not null, segments text not null, crossed text not null,
    retractions integer not null, isVoid integer not null check (isVoid in (0, 1)), confirmAt integer, acknowledgedAt integer, acknowledgedBy text,
    unique (ticketId, metric, cycle)
  ) strict`,
  `create index slaClockDue on slaClock (nextFireAt) where nextFireAt is not null`,
  `create index slaClockToConfirm on slaClock (confirmAt) where confirmAt is not null`,
  `create table slaEvent (
    id integer primary key, clockId text not null references slaClock (id), kind text not null, level integer not null,
    generation integer not null, retractions integer not null, effectiveAt integer not null,
    recordedAt integer not null, detectedAt integer not null, payload text not null
  ) strict`,
  `create index slaEventByClock on slaEvent (clockId, id)`,
  `create unique index slaEventOnce on slaEvent (clockId, kind, level, generation, retractions)
    where kind in ('start', 'level', 'breach')`,
  `create table lease (name text primary key, holder text not null, until integer not null) strict, without rowid`,
]

export const slaPolicies: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}

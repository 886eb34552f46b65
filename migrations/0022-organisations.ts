/** People belong to organisations, by whose names SLA policies choose; until now their rules asked for ids that nobody had. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const STATEMENTS = [
  `alter table user add column organisation text`,
  `update slaPolicyVersion set value = json_set(value, '$.rules', json((
    select json_group_array(json(
      case when rule.value -> '$.organisationId' is null then rule.value
      else json_remove(
        json_set(rule.value, '$.organisation', json(rule.value -> '$.organisationId')), '$.organisationId'
      ) end
    ) order by rule.key) from json_each(slaPolicyVersion.value, '$.rules') as rule
  ))) where value like '%"organisationId"%'`,
]

export const organisations: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}

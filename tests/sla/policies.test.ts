/** Policies: which one a ticket falls under, what it gives the clocks, and what a policy or a calendar may not say. */
import { expect, it } from 'vitest'
import { ALWAYS_OPEN, Calendar } from '@rejoin/shared/sla/calendar.ts'
import { WorkingTime } from '@rejoin/shared/sla/working-time.ts'
import { choosePolicy, type Facts } from '@rejoin/server/slices/sla/engine/choose-policy.ts'
import { levelKey, levelMs, Policy, Rule } from '@rejoin/server/slices/sla/engine/policy.ts'
import { DEFAULT_POLICY, termsOf } from '@rejoin/server/slices/sla/engine/terms.ts'

const HOUR = 3_600_000

const FACTS: Facts = {
  priority: 'high',
  type: 'incident',
  category: 'Printers',
  departmentId: 'field',
  organisation: 'Acme Ltd',
  tags: ['vip', 'paris'],
  custom: { contract: 'gold', seats: 12, onSite: true, floor: null },
}

it.each([
  ['no condition', {}, true],
  ['its priority', { priority: ['urgent', 'high'] }, true],
  ['another priority', { priority: ['low'] }, false],
  ['its category', { category: ['Printers'] }, true],
  ['another category', { category: ['Phones'] }, false],
  ['its department', { departmentId: ['field'] }, true],
  ['another department', { departmentId: ['desk'] }, false],
  ['the organisation of its requester', { organisation: ['ACME ltd', 'Umbrella'] }, true],
  ['another organisation', { organisation: ['Umbrella', 'Acme'] }, false],
  ['one of its tags', { tags: ['vip', 'rome'] }, true],
  ['no tag of it', { tags: ['rome'] }, false],
  ['its type', { type: ['incident'] }, true],
  ['another type', { type: ['question'] }, false],
  ['a custom field', { custom: { contract: ['gold', 'silver'], seats: [12], onSite: [true] } }, true],
  ['another value of a custom field', { custom: { contract: ['gold'], seats: [13] } }, false],
  ['a custom field it has not', { custom: { floor: [1], room: ['a'] } }, false],
  ['one condition that holds and one that does not', { priority: ['high'], category: ['Phones'] }, false],
])('matches by %s or not', (_, rule, isMatch) => {
  expect(choosePolicy([{ rules: [Rule.parse(rule)] }], FACTS) !== null).toBe(isMatch)
})

it('takes the first policy that matches, and says by which rule', () => {
  const policies = [
    { name: 'never', rules: [] },
    { name: 'gold', rules: [{ type: ['question'] }, { custom: { contract: ['gold'] } }] },
    { name: 'all', rules: [{}] },
  ].map(({ name, rules }) => ({ ...DEFAULT_POLICY, name, rules: rules.map((rule) => Rule.parse(rule)) }))
  expect(choosePolicy(policies, FACTS)).toMatchObject({ policy: { name: 'gold' }, rule: 1 })
  expect(choosePolicy(policies, { ...FACTS, custom: {} })).toMatchObject({ policy: { name: 'all' }, rule: 0 })
  expect(choosePolicy(policies.slice(0, 2), { ...FACTS, custom: {} })).toBeNull()
})

const POLICY = { name: 'Gold', rules: [{}], targets: { resolution: { urgent: 240 } }, calendarId: 'berlin' }

it('has the levels, pauses and windows of the product where it does not say', () => {
  const policy = Policy.parse(POLICY)
  expect(policy).toMatchObject({
    onReopen: 'continue',
    reopenWindowDays: 14,
    maxBackdateHours: 72,
    provisionalGraceMinutes: 30,
    creditComposed: false,
    pauseOn: { resolution: ['waiting_customer', 'waiting_third_party', 'on_hold'] },
  })
  expect(policy.levels.map(levelKey)).toEqual([50, 75, 100, 150])
})

it('gives no clock to a priority without a target', () => {
  const working = new WorkingTime(ALWAYS_OPEN)
  const versions = { policyVersion: 'gold 1', calendarVersion: 'berlin 1', working }
  expect(termsOf(Policy.parse(POLICY), 'urgent', versions).targetMs).toEqual({ resolution: 4 * HOUR })
  expect(termsOf(Policy.parse(POLICY), 'low', versions).targetMs).toEqual({})
})

it('measures levels in working time, in percent or back from the deadline', () => {
  const [half, before] = Policy.parse({ ...POLICY, levels: [{ percent: 50 }, { minutesBefore: 30 }] }).levels
  if (half === undefined || before === undefined) throw new Error('there are two')
  expect([levelKey(half), levelMs(half, 4 * HOUR)]).toEqual([50, 2 * HOUR])
  expect([levelKey(before), levelMs(before, 4 * HOUR)]).toEqual([-30, 3.5 * HOUR])
})

it.each([
  ['a target of nothing', { targets: { resolution: { urgent: 0 } } }, /^targets\.resolution\.urgent: /],
  ['a metric there is none of', { targets: { happiness: { urgent: 1 } } }, /^targets: .*happiness/],
  [
    'a pause while it is worked on',
    { pauseOn: { resolution: ['in_progress'] } },
    /^pauseOn\.resolution\.0: is not a waiting status/,
  ],
  ['two levels at one point', { levels: [{ percent: 50 }, { percent: 50 }] }, /^levels: must not have two levels/],
  ['a level at a percent and before the end', { levels: [{ percent: 5, minutesBefore: 5 }] }, /^levels\.0: .*either/],
  ['a condition there is none of', { rules: [{ colour: ['red'] }] }, /^rules\.0: .*colour/],
  ['a condition that nothing can meet', { rules: [{ tags: [] }] }, /^rules\.0\.tags: /],
  [
    'a webhook that is no address',
    { levels: [{ percent: 50, notify: [{ webhook: 'pager' }] }] },
    /^levels\.0\.notify\.0\.webhook: /,
  ],
])('refuses a policy with %s, at that field', (_, fields, says) => {
  const [issue] = Policy.safeParse({ ...POLICY, ...fields }).error?.issues ?? []
  expect(`${issue?.path.join('.')}: ${issue?.message}`).toMatch(says)
})

it.each([
  ['a zone there is none of', { zone: 'Europe/Atlantis' }, /^zone: must be a time zone such as Europe\/Berlin$/],
  ['a bare offset', { zone: '+01:00' }, /^zone: must be a time zone/],
  ['an hour there is none of', { weekly: { mon: [['09:00', '25:00']] } }, /^weekly\.mon\.0\.1: must be a time/],
  ['a shift over midnight', { weekly: { mon: [['22:00', '06:00']] } }, /^weekly\.mon\.0: .* is two intervals/],
  ['a day there is none of', { weekly: { monday: [] } }, /^weekly/],
  ['a date there is none of', { closures: [{ date: '2026-02-29' }] }, /^closures\.0\.date: must be a date/],
  ['half a range', { closures: [{ firstDay: '12-24' }] }, /^closures\.0: must have a date, or firstDay and lastDay/],
  ['an opening without hours', { openings: [{ date: '2026-03-14' }] }, /^openings\.0\.hours/],
])('refuses a calendar with %s, at that field', (_, fields, says) => {
  const { error } = Calendar.safeParse({ zone: 'Europe/Berlin', weekly: {}, ...fields })
  const [issue] = error?.issues ?? []
  expect(`${issue?.path.join('.')}: ${issue?.message}`).toMatch(says)
})

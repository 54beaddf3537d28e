import { expect, it } from 'vitest'
import type { Alarm } from '@/api/alarms'
import { isAcknowledged, merged } from './order'

const alarm = (id: number, part: Partial<Alarm> = {}) =>
  ({ id, priority: 2, state: 'active_unacknowledged', last_raised_at: `2026-03-01T10:00:0${id}Z`, ...part }) as Alarm
const ids = (alarms: Alarm[]) => alarms.map(({ id }) => id)

it('has the most urgent first, then what nobody acknowledged, then the newest', () => {
  const known = [
    alarm(1),
    alarm(2),
    alarm(3, { priority: 4 }),
    alarm(4, { state: 'active_acknowledged' }),
    alarm(5, { priority: 1, state: 'latched_acknowledged' }),
  ]
  expect(ids(merged(known, []))).toEqual([5, 2, 1, 4, 3])
})

it('takes what is newly known, and drops what is normal', () => {
  const known = [alarm(1), alarm(2)]
  expect(merged(known, [alarm(1, { priority: 1 }), alarm(2, { state: 'normal' }), alarm(3)])).toEqual([alarm(1, { priority: 1 }), alarm(3)])
})

it.each([
  ['active_unacknowledged', false],
  ['returned_unacknowledged', false],
  ['latched_unacknowledged', false],
  ['active_acknowledged', true],
  ['latched_acknowledged', true],
])('%s: acknowledged %s', (state, acknowledged) => expect(isAcknowledged({ state })).toBe(acknowledged))

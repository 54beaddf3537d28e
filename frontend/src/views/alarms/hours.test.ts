import { expect, it } from 'vitest'
import { HOUR, lastHours, loadOf } from './hours'

const at = Date.parse('2026-03-01T10:00:00Z') / 1000

it('has every hour, also those without alarms, and the present one last', () => {
  const rows = [{ hour: '2026-03-01T08:00:00+00:00', announced: 7, silent: 1 }]
  expect(lastHours(rows, 3, at + 1800)).toEqual([
    { at: at - 2 * HOUR, announced: 7, silent: 1 },
    { at: at - HOUR, announced: 0, silent: 0 },
    { at, announced: 0, silent: 0 },
  ])
})

it('counts hours without alarms in the average', () => {
  const bars = [30, 0, 0].map((announced, i) => ({ at: at + i * HOUR, announced, silent: 9 }))
  expect(loadOf(bars)).toEqual({ average: 10, worst: 30, above: 1 })
})

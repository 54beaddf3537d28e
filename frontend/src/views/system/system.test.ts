import { expect, it } from 'vitest'
import { byMonth } from './months'

it('sums what a month takes', () => {
  const row = { month: '2026-01-01', unit: 'raw', bytes: 5, rows_estimated: 1 }
  expect(byMonth([row, { ...row, unit: 'hour' }, { ...row, month: '2026-02-01' }])).toEqual([
    { month: '2026-02-01', bytes: { raw: 5 }, sum: 5 },
    { month: '2026-01-01', bytes: { raw: 5, hour: 5 }, sum: 10 },
  ])
})

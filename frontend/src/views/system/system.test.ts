import { expect, it } from 'vitest'
import { parseTime } from '@/format/time'
import { troubleOf } from './disk'
import { byMonth } from './months'

const forecast = { bytes: 1e9, bytes_per_day: 1e6, free_bytes: 1e11, reported_at: '2026-01-01T00:00:00Z', full_on: null }
const now = parseTime('2026-01-01T12:00:00Z')

it.each([
  [forecast, null],
  [{ ...forecast, free_bytes: 1e9 }, { what: 'little' }],
  [{ ...forecast, free_bytes: null }, null],
  [{ ...forecast, full_on: '2026-01-11' }, { what: 'soon', days: 9 }],
  [{ ...forecast, full_on: '2025-12-01' }, { what: 'soon', days: 0 }],
  [{ ...forecast, full_on: '2027-01-01' }, null],
])('%o: %o', (of, trouble) => expect(troubleOf(of, now)).toEqual(trouble))

it('sums what a month takes', () => {
  const row = { month: '2026-01-01', unit: 'raw', bytes: 5, rows_estimated: 1 }
  expect(byMonth([row, { ...row, unit: 'hour' }, { ...row, month: '2026-02-01' }])).toEqual([
    { month: '2026-02-01', bytes: { raw: 5 }, sum: 5 },
    { month: '2026-01-01', bytes: { raw: 5, hour: 5 }, sum: 10 },
  ])
})

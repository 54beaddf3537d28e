import { expect, it } from 'vitest'
import { age, duration, span } from './age'
import { fromField, isoTime, parseTime, toField } from './time'

it('keeps microseconds, which tell two points apart', () => {
  const [a, b] = ['2026-03-01T10:00:00.000001Z', '2026-03-01T10:00:00.000002Z'].map(parseTime)
  expect(b! - a!).toBeCloseTo(1e-6, 6)
})

it.each(['2026-03-01T10:00:00.25Z', '2026-03-01T10:00:00.250000+00:00', '2026-03-01T11:00:00.250+01:00'])(
  '%s is the same instant however it is written',
  (iso) => expect(parseTime(iso)).toBe(parseTime('2026-03-01T10:00:00.250Z')),
)

it('is not a number for what is no time', () => expect(parseTime('yesterday')).toBeNaN())

it('writes what it reads', () => expect(isoTime(parseTime('2026-03-01T10:00:00.250Z'))).toBe('2026-03-01T10:00:00.250Z'))

it.each([
  [59, '59 s'],
  [600, '10 min'],
  [7200, '2 h'],
  [200_000, '2 d'],
])('%d seconds are %s', (seconds, text) => expect(span(seconds)).toBe(text))

it.each([
  [0.1, '0.1 s'],
  [90, '90 s'],
  [120, '2 min'],
  [5400, '1 h 30 min'],
  [90_061, '1 d 1 h 1 min 1 s'],
])('%d seconds as they were set: %s', (seconds, text) => expect(duration(seconds)).toBe(text))

it('a clock slightly ahead is now', () => expect(age(-0.4)).toBe('now'))

it('reads a field as it wrote it', () => {
  const t = parseTime('2026-03-29T10:05:00Z')
  expect(toField(t)).toMatch(/^2026-03-29T\d\d:\d5$/)
  expect(fromField(toField(t))).toBe(t)
  expect(fromField('')).toBeNaN()
})

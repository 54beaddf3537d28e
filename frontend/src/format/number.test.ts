import { describe, expect, it } from 'vitest'
import { formatCount, formatExact, formatLimit, formatMarks, formatValue, type Scale } from './number'

const ranged = (min: number, max: number): Scale => ({ min_value: min, max_value: max, event_type: 'sensor' })
const free: Scale = { min_value: null, max_value: null, event_type: 'sensor' }

describe('formatValue', () => {
  it.each([
    [23.456789, ranged(0, 100), '23.5'],
    [23, ranged(0, 100), '23.0'],
    [0.5, ranged(0, 1), '0.500'],
    [3.14159, ranged(-5, 5), '3.14'],
    [7654.3, ranged(0, 10_000), '7\u202f654'],
    [0.43, ranged(0, 125_000), '0.43'],
    [1.234, ranged(0, 87_600), '1.2'],
    [0.0001, ranged(0, 87_600), '0.00'],
    [-12.34, ranged(-50, 50), '\u221212.3'],
    [-0.01, ranged(0, 100), '0.0'],
    [1234567.8, free, '1\u202f234\u202f568'],
    [0.012345, free, '0.01235'],
    [0, free, '0'],
    [1e15, free, '1.000e+15'],
    [1e-9, ranged(0, 1), '1.000e\u22129'],
    [1, { min_value: 0, max_value: 1, event_type: 'cmd_button' }, '1'],
  ])('%d reads %s', (value, scale, text) => expect(formatValue(value, scale as Scale)).toBe(text))

  it('keeps the digits of one event the same while its value changes', () => {
    const decimals = [0.1, 9.99, 99.5].map((value) => formatValue(value, ranged(0, 100)).split('.')[1]!.length)
    expect(new Set(decimals).size).toBe(1)
  })
})

it.each([
  [0, '0'],
  [2.5, '2.5'],
  [-20, '\u221220'],
  [7900, '7\u202f900'],
  [0.1 + 0.2, '0.3'],
  [25.2765, '25.28'],
  [86_400_000, '86\u202f400\u202f000'],
  [4e12, '4.0e+12'],
])('the limit %d reads %s', (value, text) => expect(formatLimit(value)).toBe(text))

it.each([
  [[21.3, 21.35, 21.4], 0.05, ['21.30', '21.35', '21.40']],
  [[-500, 0, 500], 500, ['\u2212500', '0', '500']],
  [[12_000.1, 12_000.2], 0.1, ['12\u202f000.1', '12\u202f000.2']],
  [[0, 2e-9, 4e-9], 2e-9, ['0', '2.0e\u22129', '4.0e\u22129']],
  [[1.00001e9, 1.00002e9], 1e4, ['1.00001e+9', '1.00002e+9']],
])('the marks %o of an axis, %d apart, read %o', (marks, step, texts) => expect(formatMarks(marks, step)).toEqual(texts))

it('sets thousands of a count apart', () => expect(formatCount(200_000)).toBe('200\u202f000'))

it.each([
  [-1234.5678, '\u22121\u202f234.5678'],
  [0.0000123, '0.0000123'],
  [1e300, '1e+300'],
])('%d as it was set reads %s', (value, text) => expect(formatExact(value)).toBe(text))

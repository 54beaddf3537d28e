import { expect, it } from 'vitest'
import { limitsOf, sparkPath } from './sparkline'
import { placeOf, shareOfRange } from './range-position'

it('noise within a range looks small', () => expect(limitsOf([50, 50.1], 100)).toEqual({ low: 47.55, high: 52.55 }))
it('a flat line without a range has a height', () => {
  const { low, high } = limitsOf([0, 0], null)
  expect(high).toBeGreaterThan(low)
})
it('one value makes no line', () => expect(sparkPath([{ t: 0, value: 1 }], 10)).toBe(''))
it('a hole breaks the line', () => {
  const trail = [0, 1, 40, 41].map((t) => ({ t, value: t }))
  expect(sparkPath(trail, 100).match(/M/g)).toHaveLength(2)
})

const limits = { min_value: 0, max_value: 10 }
it.each([
  [-1, 'below'],
  [0, 'inside'],
  [10, 'inside'],
  [11, 'above'],
  [null, 'inside'],
])('%s lies %s', (value, place) => expect(placeOf(value, limits)).toBe(place))
it('the mark never leaves the bar', () => expect([-5, 5, 50].map((value) => shareOfRange(value, 0, 10))).toEqual([0, 0.5, 1]))

import { expect, test } from 'vitest'
import { aroundFlat, spanWith } from './levels'

test('a limit that is near is within the scale, a far one is not', () => {
  expect(spanWith([50], 20, 30)).toEqual([20, 50])
  expect(spanWith([0, 50], 20, 30)).toEqual([0, 50])
  expect(spanWith([1e6], 20, 30)).toEqual([20, 30])
  expect(spanWith([], 20, 30)).toEqual([20, 30])
})

test('a flat curve has room for limits too', () => {
  expect(spanWith([24], 20, 20)).toEqual([20, 24])
  expect(spanWith([0], 0, 0)).toEqual([0, 0])
})

test('a flat curve has a scale around it', () => {
  expect(aroundFlat(80, 80)).toEqual([72, 88])
  expect(aroundFlat(-80, -80)).toEqual([-88, -72])
  expect(aroundFlat(0, 0)).toEqual([0, 0])
  expect(aroundFlat(20, 30)).toEqual([20, 30])
})

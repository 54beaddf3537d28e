import { expect, it } from 'vitest'
import { moved, scaled, windowOf } from './shown'

it('is up to now, or as it is', () => {
  expect(windowOf({ span: 60 }, 100)).toEqual([40, 100])
  expect(windowOf({ from: 1, to: 2 }, 100)).toEqual([1, 2])
})

it('moves by parts of its length', () => {
  expect(moved([10, 20], 0.5)).toEqual([15, 25])
  expect(moved([10, 20], -1)).toEqual([0, 10])
})

it('grows and shrinks around a place', () => {
  expect(scaled([10, 20], 2)).toEqual([5, 25])
  expect(scaled([10, 20], 0.5, 0)).toEqual([10, 15])
  expect(scaled([10, 20], 0.5, 1)).toEqual([15, 20])
})

it('never shrinks to nothing, nor leaves the years that are known', () => {
  const [from, to] = scaled([10, 20], 1e-9)
  expect(to - from).toBeCloseTo(0.01)
  expect(scaled([0, 1e9], 1e6)).toEqual([Date.UTC(1900, 0, 2) / 1000, Date.UTC(2200, 11, 30) / 1000])
})

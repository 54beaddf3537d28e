import { expect, it } from 'vitest'
import { extend, TRAIL_SPAN, type Trail } from './trail'

it('keeps one value a second, however many come', () => {
  let trail: Trail = []
  for (let i = 0; i < 50; i += 1) trail = extend(trail, 100 + i / 10, i)
  expect(trail.map(({ t }) => Math.floor(t))).toEqual([100, 101, 102, 103, 104])
})

it('is the same array while nothing is added, so nothing is redrawn', () => {
  const trail = extend([], 100, 1)
  expect(extend(trail, 100.5, 2)).toBe(trail)
})

it('forgets what is older than its span', () => {
  const trail = extend(extend([], 0, 1), TRAIL_SPAN + 1, 2)
  expect(trail).toHaveLength(1)
})

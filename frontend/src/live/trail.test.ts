import { describe, expect, it } from 'vitest'
import { extend, preceded, TRAIL_SPAN, type Trail } from './trail'

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

describe('a past put before it', () => {
  const at = (...times: number[]) => times.map((t) => ({ t, value: t }))
  it('comes first, each second once', () => expect(preceded(at(102, 103), at(100, 101, 101.5, 102, 103))).toEqual(at(100, 101, 102, 103)))
  it('is the trail where nothing came live yet', () => expect(preceded([], at(1, 2))).toEqual(at(1, 2)))
  it('is cut to the span', () => expect(preceded(at(TRAIL_SPAN + 5), at(1, 10))).toEqual(at(10, TRAIL_SPAN + 5)))
})

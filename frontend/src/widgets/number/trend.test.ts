import { describe, expect, it } from 'vitest'
import { trendOf } from './trend'

const trail = (value: (t: number) => number, seconds = 60) => Array.from({ length: seconds }, (_, t) => ({ t: 1000 + t, value: value(t) }))

describe('where a value is going', () => {
  it('is not known from a few points', () => {
    expect(trendOf([], 100)).toBeNull()
    expect(trendOf(trail((t) => t, 4), 100)).toBeNull()
  })

  it('is up or down, with what it is in a minute', () => {
    expect(trendOf(trail((t) => 20 + t / 60), 100)).toEqual({ direction: 'rising', perMinute: expect.closeTo(1) })
    expect(trendOf(trail((t) => 20 - t / 30), 100)).toEqual({ direction: 'falling', perMinute: expect.closeTo(-2) })
  })

  it('is steady where it moves less than the range makes one see', () => {
    expect(trendOf(trail((t) => 20 + t / 600), 100)?.direction).toBe('steady')
    expect(trendOf(trail(() => 0), null)?.direction).toBe('steady')
  })

  it('does not depend on what was before the last minute', () => {
    expect(trendOf(trail((t) => (t < 100 ? t : 100), 180), 100)?.direction).toBe('steady')
  })
})

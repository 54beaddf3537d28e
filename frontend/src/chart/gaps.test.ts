import { describe, expect, it } from 'vitest'
import { plotted, usualInterval } from './gaps'

const at = (...times: number[]) => times.map((t) => ({ t, value: t, quality: 192 }))

describe('the usual interval of a series', () => {
  it('is unknown for a single value', () => expect(usualInterval(at(5))).toBeNull())
  it('is the median, whatever the outages', () => expect(usualInterval(at(0, 1, 2, 50, 51, 52))).toBe(1))
})

describe('what is drawn', () => {
  it('has no line over a hole of more than five usual intervals', () => {
    expect(plotted(at(0, 1, 2, 8, 9))[1]).toEqual([0, 1, 2, null, 8, 9])
  })
  it('has a line over a shorter silence', () => expect(plotted(at(0, 1, 2, 7, 8))[1]).toEqual([0, 1, 2, 7, 8]))
  it('shows bad values beside the line, not in it', () => {
    const points = at(0, 1, 2).map((point) => (point.t === 1 ? { ...point, quality: 0 } : point))
    expect(plotted(points)).toEqual([[0, 1, 2], [0, null, 2], [null, 1, null]])
  })
  it('keeps uncertain values in the line, and marks them', () => {
    const points = at(0, 1).map((point) => ({ ...point, quality: 64 }))
    expect(plotted(points)).toEqual([[0, 1], [0, 1], [0, 1]])
  })
  it('is nothing for nothing', () => expect(plotted([])).toEqual([[], [], []]))
})

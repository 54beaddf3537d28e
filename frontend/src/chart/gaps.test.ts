import { describe, expect, it } from 'vitest'
import { plotted } from './gaps'

const at = (...times: number[]) => times.map((t) => ({ t, value: t, quality: 192 }))

function drawn(points: Parameters<typeof plotted>[0]) {
  const [times, line, , , notGood] = plotted(points)
  return [times, line, notGood]
}

describe('what is drawn', () => {
  it('has no line over a hole of more than five usual intervals', () => {
    expect(plotted(at(0, 1, 2, 8, 9))[1]).toEqual([0, 1, 2, null, 8, 9])
  })
  it('has a line over a shorter silence', () => expect(plotted(at(0, 1, 2, 7, 8))[1]).toEqual([0, 1, 2, 7, 8]))
  it('joins a past of few values to a present of many', () => {
    const past = Array.from({ length: 20 }, (_, i) => 30 * i)
    const live = Array.from({ length: 200 }, (_, i) => 580 + i / 2)
    expect(plotted(at(...past, ...live))[1]).not.toContain(null)
  })
  it('breaks at an outage in either', () => {
    const times = [0, 30, 60, 90, 290, 320, 350, 351, 352, 353, 373, 374, 375]
    expect(plotted(at(...times))[1].filter((value) => value === null)).toHaveLength(2)
  })
  it('shows bad values beside the line, not in it', () => {
    const points = at(0, 1, 2).map((point) => (point.t === 1 ? { ...point, quality: 0 } : point))
    expect(drawn(points)).toEqual([[0, 1, 2], [0, null, 2], [null, 1, null]])
  })
  it('keeps uncertain values in the line, and marks them', () => {
    const points = at(0, 1).map((point) => ({ ...point, quality: 64 }))
    expect(drawn(points)).toEqual([[0, 1], [0, 1], [0, 1]])
  })
  it('is nothing for nothing', () => expect(plotted([])).toEqual([[], [], [], [], []]))
})

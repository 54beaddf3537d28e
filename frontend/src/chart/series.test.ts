import { expect, it } from 'vitest'
import { Series } from './series'

const at = (...times: number[]) => times.map((t) => ({ t, value: t, quality: 192 }))
const times = (series: Series) => series.all.map(({ t }) => t)

function merged(...parts: number[][]) {
  const series = new Series()
  parts.forEach((part) => series.merge(at(...part)))
  return times(series)
}

it('joins past and live without a hole and without a double, in whatever order they come', () => {
  const [live, newer, older] = [[4, 5, 6], [3, 4, 5], [1, 2]]
  expect(merged(live, newer, older)).toEqual([1, 2, 3, 4, 5, 6])
  expect(merged(older, newer, live)).toEqual([1, 2, 3, 4, 5, 6])
})

it('puts a late value in its place', () => expect(merged([1, 2, 5], [3])).toEqual([1, 2, 3, 5]))
it('takes a frame that is not in order', () => expect(merged([], [3, 1, 2, 2])).toEqual([1, 2, 3]))
it('takes the same value again without showing it twice', () => expect(merged([1, 2], [2], [2, 3])).toEqual([1, 2, 3]))

it('forgets what is too old', () => {
  const series = new Series()
  series.merge(at(1, 2, 3, 4))
  series.trim(3)
  expect(times(series)).toEqual([3, 4])
})

it('forgets everything when everything is too old', () => {
  const series = new Series()
  series.merge(at(1, 2))
  series.trim(3)
  expect(times(series)).toEqual([])
})

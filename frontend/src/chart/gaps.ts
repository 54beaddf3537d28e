import type { Seconds } from '@/format/time'
import { median, qualityOf } from '@/live/freshness'
import type { Point } from '@/live/frames'

const SAMPLES = 201
const GAP_FACTOR = 5

/** Times, the values as a line, and beside them those that are not good. A null breaks the line. */
export type Plotted = [Seconds[], (number | null)[], (number | null)[]]

/** The interval that is usual in a series: the median of samples spread over it. */
export function usualInterval(points: readonly Point[]): Seconds | null {
  const step = Math.max(1, Math.floor((points.length - 1) / SAMPLES))
  const intervals: Seconds[] = []
  for (let i = 1; i < points.length; i += step) intervals.push(points[i]!.t - points[i - 1]!.t)
  return median(intervals)
}

/** For drawing: no line over a silence of more than five usual intervals, nor through a value of bad quality. */
export function plotted(points: readonly Point[]): Plotted {
  const hole = GAP_FACTOR * (usualInterval(points) ?? Infinity)
  const [times, line, notGood]: Plotted = [[], [], []]
  let before = Infinity
  for (const { t, value, quality } of points) {
    if (t - before > hole) {
      times.push((before + t) / 2)
      line.push(null)
      notGood.push(null)
    }
    const word = qualityOf(quality)
    times.push(t)
    line.push(word === 'bad' ? null : value)
    notGood.push(word === 'good' ? null : value)
    before = t
  }
  return [times, line, notGood]
}

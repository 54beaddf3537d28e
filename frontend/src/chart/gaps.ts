import type { Seconds } from '@/format/time'
import { median } from '@/live/freshness'
import { isDoubtful, qualityOf } from '@/live/quality'
import type { Point } from '@/live/frames'

export const NEIGHBOURS = 5
export const GAP_FACTOR = 5

type Column = (number | null)[]
/** Times, values or means as a line, the lowest and highest around them, and what is not good. A null breaks the line. */
export type Plotted = [times: Seconds[], line: Column, low: Column, high: Column, notGood: Column]

/** The usual interval from point `from` to point `to`, which may lie outside of the series. */
function usualBetween(points: readonly Point[], from: number, to: number): Seconds {
  const near = points.slice(Math.max(0, from), to + 1)
  return median(near.slice(1).map(({ t }, i) => t - near[i]!.t)) ?? 0
}

/**
 * Whether the source was silent before point `i`: for more than five times the interval that is usual just before or
 * just after. Only neighbours count, because an event may have been measured rarely first and often later.
 */
export function isHole(points: readonly Point[], i: number): boolean {
  if (i < 1 || points.length < 3) return false
  const silence = points[i]!.t - points[i - 1]!.t
  const next = points[i + 1]
  const previous = points[i - 2]
  // Nearly always one look at the neighbours is enough.
  const regularBefore = previous !== undefined && silence <= GAP_FACTOR * (points[i - 1]!.t - previous.t)
  const regularAfter = next !== undefined && silence <= GAP_FACTOR * (next.t - points[i]!.t)
  if (regularBefore && regularAfter) return false
  const usual = Math.max(usualBetween(points, i - 1 - NEIGHBOURS, i - 1), usualBetween(points, i, i + NEIGHBOURS))
  return silence > GAP_FACTOR * usual
}

/** For drawing: no line over a silence, nor through a value of bad quality. */
export function plotted(points: readonly Point[]): Plotted {
  const [times, line, notGood]: [Seconds[], Column, Column] = [[], [], []]
  points.forEach(({ t, value, quality }, i) => {
    if (isHole(points, i)) {
      times.push((points[i - 1]!.t + t) / 2)
      line.push(null)
      notGood.push(null)
    }
    times.push(t)
    line.push(qualityOf(quality) === 'bad' ? null : value)
    notGood.push(isDoubtful(quality) ? value : null)
  })
  const none = new Array<null>(times.length).fill(null)
  return [times, line, none, none, notGood]
}

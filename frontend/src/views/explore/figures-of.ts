import type { Envelope } from '@/api/series'
import type { Statistics } from '@/api/statistics'
import type { Window } from '@/chart/shown'

const UNKNOWN = { time_weighted_mean: null, standard_deviation: null, seconds: null }
const NO_PERCENTILES = { 5: null, 25: null, 50: null, 75: null, 95: null }

/** What an envelope tells of the figures of a window, to the width of its buckets. */
export function figuresOf({ buckets, width }: Envelope, [from, to]: Window): Statistics {
  const figures: Statistics = { count: 0, bad: 0, min: null, max: null, mean: null, ...UNKNOWN, percentiles: NO_PERCENTILES }
  let sum = 0
  for (const { from: begin, count, bad, min, max, mean } of buckets) {
    if (begin + width <= from || begin >= to) continue
    figures.count += count
    figures.bad += bad
    if (min === null || max === null || mean === null) continue
    figures.min = Math.min(figures.min ?? min, min)
    figures.max = Math.max(figures.max ?? max, max)
    sum += mean * (count - bad)
  }
  if (figures.count > figures.bad) figures.mean = sum / (figures.count - figures.bad)
  return figures
}

import type { Trail } from '@/live/trail'

/** What happened before says nothing of where the value is going. */
const SPAN = 60
/** Less than this part of the range in a minute is noise. */
const STEADY = 0.002
const LEAST_POINTS = 5

export interface Trend {
  direction: 'rising' | 'falling' | 'steady'
  /** In the unit of the event. */
  perMinute: number
}

/** Where a value is going, by the line that fits its last minute best; null where too little is known. */
export function trendOf(trail: Trail, range: number | null): Trend | null {
  const newest = trail.at(-1)
  if (newest === undefined) return null
  const lately = trail.filter(({ t }) => t > newest.t - SPAN)
  if (lately.length < LEAST_POINTS) return null
  const meanT = lately.reduce((sum, { t }) => sum + t, 0) / lately.length
  const mean = lately.reduce((sum, { value }) => sum + value, 0) / lately.length
  const spread = lately.reduce((sum, { t }) => sum + (t - meanT) ** 2, 0)
  if (spread === 0) return null
  const perMinute = (60 * lately.reduce((sum, { t, value }) => sum + (t - meanT) * (value - mean), 0)) / spread
  const least = STEADY * (range ?? Math.abs(mean))
  if (Math.abs(perMinute) <= least) return { direction: 'steady', perMinute }
  return { direction: perMinute > 0 ? 'rising' : 'falling', perMinute }
}

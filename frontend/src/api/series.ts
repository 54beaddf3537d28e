import type { Seconds } from '@/format/time'
import { rest, rowsOf } from './rest'

/** One event's part of rpc/series, column by column; times in milliseconds since 1970. */
interface Columns {
  t: number[]
  count: number[]
  bad: number[]
  min: (number | null)[]
  max: (number | null)[]
  mean: (number | null)[]
  first_t: (number | null)[]
  last_t: (number | null)[]
  quality: number[]
}

interface SeriesAnswer {
  origin: string
  width_seconds: number
  resolution: 'raw' | 'minute' | 'hour' | 'day'
  series: Columns[]
}

/**
 * What the points of a stretch of time came to; `from` is its begin. Of `count` points so many are `bad`, of which the
 * rest says nothing; where there is nothing else `min`, `max` and `mean` are null.
 */
export interface Bucket {
  from: Seconds
  firstAt: Seconds
  lastAt: Seconds
  count: number
  bad: number
  min: number | null
  max: number | null
  mean: number | null
  quality: number
}

/** Buckets of equal width, without those that have no points. */
export interface Envelope {
  origin: Seconds
  width: Seconds
  buckets: readonly Bucket[]
}

const toBucket = (columns: Columns, i: number): Bucket => ({
  from: columns.t[i]! / 1000,
  firstAt: (columns.first_t[i] ?? columns.t[i]!) / 1000,
  lastAt: (columns.last_t[i] ?? columns.t[i]!) / 1000,
  count: columns.count[i]!,
  bad: columns.bad[i]!,
  min: columns.min[i]!,
  max: columns.max[i]!,
  mean: columns.mean[i]!,
  quality: columns.quality[i]!,
})

/** Any range of these events in at most so many buckets each, exact to the newest point; in the order of the events. */
export async function readSeries(eventIds: number[], from: Seconds, to: Seconds, buckets: number): Promise<Envelope[]> {
  const range = { from: new Date(from * 1000).toISOString(), to: new Date(to * 1000).toISOString() }
  const asked = await rest()
  const answer = rowsOf<SeriesAnswer>(await asked.rpc('series', { event_ids: eventIds, ...range, buckets }))
  const { width_seconds: width } = answer
  const origin = Date.parse(answer.origin) / 1000
  return answer.series.map((columns) => ({ origin, width, buckets: columns.t.map((_, i) => toBucket(columns, i)) }))
}

import { isoTime, type Seconds } from '@/format/time'
import { rest, rowsOf } from './rest'

/** What rpc/statistics says of one event's range. Of nothing there is no figure but the counts. */
export interface Statistics {
  count: number
  bad: number
  min: number | null
  max: number | null
  mean: number | null
  time_weighted_mean: number | null
  standard_deviation: number | null
  percentiles: Record<'5' | '25' | '50' | '75' | '95', number | null>
  /** For how long anything is known. */
  seconds: number | null
}

export async function readStatistics(eventId: number, from: Seconds, to: Seconds): Promise<Statistics> {
  const asked = { event_id: eventId, from: isoTime(from), to: isoTime(to) }
  return rowsOf<Statistics>(await (await rest()).rpc('statistics', asked))
}

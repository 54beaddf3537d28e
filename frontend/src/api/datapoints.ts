import { isoTime, parseTime, type Seconds } from '@/format/time'
import type { Point } from '@/live/frames'
import { rest, rowsOf } from './rest'

interface Row {
  ts: string
  value: number
  quality: number
}

const PAGE = 10_000

/** Beyond this a curve is not drawn value by value. */
export const MOST_POINTS = 200_000

const toPoint = ({ ts, value, quality }: Row): Point => ({ t: parseTime(ts), value, quality })

/** One page of an event's past, newest first, older than the stamp `before`. */
async function page(eventId: number, from: Seconds, before: string | null): Promise<Row[]> {
  let query = (await rest()).from('datapoints').select('ts,value,quality').eq('event_id', eventId).gte('ts', isoTime(from))
  if (before !== null) query = query.lt('ts', before)
  return rowsOf<Row[]>(await query.order('ts', { ascending: false }).limit(PAGE))
}

/**
 * An event's past since `from`, page by page from the newest backwards, so that the curve's end is there first.
 * PostgREST may cut a page shorter than asked, so only an empty one is the end. Returns whether all was read.
 */
export async function readPast(
  eventId: number,
  from: Seconds,
  onPage: (points: Point[]) => void,
  signal: AbortSignal,
  most = MOST_POINTS,
): Promise<boolean> {
  let before: string | null = null
  for (let count = 0; count < most; ) {
    const rows: Row[] = await page(eventId, from, before)
    const oldest = rows.at(-1)
    if (signal.aborted || oldest === undefined) return true
    onPage(rows.map(toPoint).reverse())
    count += rows.length
    before = oldest.ts
  }
  return false
}

interface LatestRow extends Row {
  event_public_id: string
}

/** Newest values, of all events or of those named: what stands in for the live stream while it cannot be had. */
export async function readLatest(events: string[] | 'all'): Promise<Map<string, Point[]>> {
  const query = (await rest()).from('latest').select('event_public_id,ts,value,quality')
  const answer = await (events === 'all' ? query : query.in('event_public_id', events))
  return new Map(rowsOf<LatestRow[]>(answer).map((row) => [row.event_public_id, [toPoint(row)]]))
}

interface RecentRow extends Row {
  event_id: number
}

/** Asking for more would take longer than the live values take to draw a trend themselves. */
const MOST_RECENT = 5000
const MOST_RECENT_EVENTS = 200

/**
 * What was measured since `from`, by the number of the event, oldest first. Bounded: of the first events only, and of
 * many values the newest.
 */
export async function readRecent(eventIds: number[], from: Seconds): Promise<Map<number, Point[]>> {
  const query = (await rest()).from('datapoints').select('event_id,ts,value,quality')
  const wanted = query.in('event_id', eventIds.slice(0, MOST_RECENT_EVENTS)).gte('ts', isoTime(from))
  const rows = rowsOf<RecentRow[]>(await wanted.order('ts', { ascending: false }).limit(MOST_RECENT))
  const recent = new Map(eventIds.map((id): [number, Point[]] => [id, []]))
  for (const row of rows.reverse()) recent.get(row.event_id)?.push(toPoint(row))
  return recent
}

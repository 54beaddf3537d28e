import type { Hour } from '@/api/alarm-figures'

export const HOUR = 3600
/** ISA-18.2-2016, clause 16: of one operator, in an hour on average. */
export const ACCEPTABLE = 6
export const MOST = 12

export interface Bar {
  /** Begin, in seconds since 1970. */
  at: number
  announced: number
  silent: number
}

/** Each of the last hours, the present one last: the database has no row where nothing was raised. */
export function lastHours(rows: readonly Hour[], count: number, now: number): Bar[] {
  const known = new Map(rows.map(({ hour, announced, silent }) => [Date.parse(hour) / 1000, { announced, silent }]))
  const present = Math.floor(now / HOUR) * HOUR
  return Array.from({ length: count }, (_, i) => {
    const at = present - (count - 1 - i) * HOUR
    return { at, announced: 0, silent: 0, ...known.get(at) }
  })
}

/** Announced alarms in an hour, on average, and in the worst. */
export function loadOf(bars: readonly Bar[]) {
  const announced = bars.map((bar) => bar.announced)
  return {
    average: announced.reduce((sum, n) => sum + n, 0) / announced.length,
    worst: Math.max(...announced),
    above: announced.filter((n) => n > MOST).length,
  }
}

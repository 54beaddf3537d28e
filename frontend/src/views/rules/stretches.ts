import type { Firing } from '@/api/rules'
import type { Window } from '@/chart/shown'
import { parseTime } from '@/format/time'

/** Narrower ones could not be seen. */
const LEAST = 2

export interface Stretch extends Firing {
  x: number
  width: number
}

/** Where firings lie within a window that is so many pixels wide. */
export function stretches(firings: readonly Firing[], [from, to]: Window, width: number): Stretch[] {
  const place = (t: number) => ((Math.min(Math.max(t, from), to) - from) / (to - from)) * width
  return firings.flatMap((firing) => {
    const [begin, end] = [parseTime(firing.fired_at), firing.cleared_at === null ? Infinity : parseTime(firing.cleared_at)]
    if (end < from || begin > to) return []
    const x = Math.min(place(begin), Math.max(0, width - LEAST))
    return [{ ...firing, x, width: Math.max(LEAST, place(end) - x) }]
  })
}

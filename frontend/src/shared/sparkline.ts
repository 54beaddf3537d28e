import type { Trail } from '@/live/trail'
import { TRAIL_SPAN } from '@/live/trail'

export const WIDTH = 100
export const HEIGHT = 28
const INSET = 2
/** A trend fills at most this many times the height that it would have on the range, so that noise looks small. */
const LARGEST_MAGNIFICATION = 20
const HOLE_SECONDS = 12
/** At first a short past fills the width; noise of a few seconds does not. */
const SHORTEST_SPAN = 30

interface Limits {
  low: number
  high: number
}

/** What the height stands for: the values seen, but never less than a twentieth of the event's range. */
export function limitsOf(values: number[], range: number | null): Limits {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const least = range === null ? Math.abs(high) / 1000 || 1 : range / LARGEST_MAGNIFICATION
  const missing = Math.max(0, least - (high - low)) / 2
  return { low: low - missing, high: high + missing }
}

/** The path of a sparkline that ends at the newest value; empty until there are two. Holes break it. */
export function sparkPath(trail: Trail, range: number | null): string {
  const newest = trail.at(-1)
  if (newest === undefined || trail.length < 2) return ''
  const span = Math.min(TRAIL_SPAN, Math.max(SHORTEST_SPAN, newest.t - trail[0]!.t))
  const { low, high } = limitsOf(trail.map(({ value }) => value), range)
  const place = ({ t, value }: Trail[number]) => {
    const x = WIDTH * (1 - (newest.t - t) / span)
    const y = INSET + (HEIGHT - 2 * INSET) * (1 - (value - low) / (high - low))
    return `${x.toFixed(1)} ${y.toFixed(1)}`
  }
  const joined = (i: number) => i > 0 && trail[i]!.t - trail[i - 1]!.t < HOLE_SECONDS
  return trail.map((point, i) => `${joined(i) ? 'L' : 'M'}${place(point)}`).join('')
}

import type { Seconds } from '@/format/time'

export type Freshness = 'current' | 'stale' | 'none'

const INTERVALS = 9
const MISSED = 3
const UNKNOWN_LIMIT: Seconds = 30
/** A fast signal is not called stale for a hiccup of the network. */
const SHORTEST_LIMIT: Seconds = 3

export function median(values: number[]): number | null {
  if (values.length === 0) return null
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}

/** The newest intervals between values; their median is what is usual, whatever one outage did. */
export class Rhythm {
  private intervals: Seconds[] = []
  private last: Seconds | null = null

  note(t: Seconds) {
    if (this.last !== null && t <= this.last) return
    if (this.last !== null) this.intervals = [...this.intervals, t - this.last].slice(-INTERVALS)
    this.last = t
  }

  get usual(): Seconds | null {
    return this.intervals.length < 3 ? null : median(this.intervals)
  }
}

/** Stale: silent for three times the usual interval, or for half a minute where nothing is usual yet. */
export function freshness(age: Seconds | null, usualInterval: Seconds | null): Freshness {
  if (age === null) return 'none'
  const limit = usualInterval === null ? UNKNOWN_LIMIT : Math.max(SHORTEST_LIMIT, MISSED * usualInterval)
  return age > limit ? 'stale' : 'current'
}

import type { Seconds } from '@/format/time'

export type Window = readonly [from: Seconds, to: Seconds]

/** What a chart shows: the last seconds, up to now, or a window that stays. */
export type Shown = { readonly span: Seconds } | { readonly from: Seconds; readonly to: Seconds }

export const windowOf = (shown: Shown, now: Seconds): Window =>
  'span' in shown ? [now - shown.span, now] : [shown.from, shown.to]

/** A window moved by this part of its length. */
export function moved([from, to]: Window, part: number): Window {
  const by = part * (to - from)
  return [from + by, to + by]
}

/** Nothing is measured more often; a window shorter than this is refused by the database. */
const SHORTEST: Seconds = 0.01
/** Of rpc/series, with room at both ends. */
const [EARLIEST, LATEST]: Window = [Date.UTC(1900, 0, 2) / 1000, Date.UTC(2200, 11, 30) / 1000]

/** A window so many times as long, of which the place `at` (0 left, 1 right) stays where it is. */
export function scaled([from, to]: Window, times: number, at = 0.5): Window {
  const length = Math.max(SHORTEST, times * (to - from))
  const fixed = from + at * (to - from)
  return [Math.max(EARLIEST, fixed - at * length), Math.min(LATEST, fixed + (1 - at) * length)]
}

import type { Seconds } from '@/format/time'

/** The short past of one event for its sparkline: at most one value a slot, a fixed span of time. */
export type Trail = readonly { t: Seconds; value: number }[]

export const TRAIL_SPAN: Seconds = 180
const SLOT: Seconds = 1

const slot = (t: Seconds) => Math.floor(t / SLOT)

/** The same array comes back while the newest slot is not over, so that nothing is redrawn for it. */
export function extend(trail: Trail, t: Seconds, value: number): Trail {
  const last = trail.at(-1)
  if (last !== undefined && slot(t) <= slot(last.t)) return trail
  return [...trail.filter((point) => point.t > t - TRAIL_SPAN), { t, value }]
}

/** A trail that begins earlier: `past`, oldest first, with what came live after it. */
export function preceded(trail: Trail, past: Trail): Trail {
  const begin = trail[0]?.t ?? Infinity
  return [...past.filter(({ t }) => t < begin), ...trail].reduce((joined, { t, value }) => extend(joined, t, value), [] as Trail)
}

import { computed } from 'vue'
import { useRoute, useRouter, type LocationQuery } from 'vue-router'
import type { Shown } from '@/chart/shown'
import { isoTime, parseTime, type Seconds } from '@/format/time'

const DAY = 86_400

export const RANGES = [
  { name: '1 min', span: 60 },
  { name: '5 min', span: 300 },
  { name: '15 min', span: 900 },
  { name: '1 h', span: 3600 },
  { name: '6 h', span: 21_600 },
  { name: '1 d', span: DAY },
  { name: '7 d', span: 7 * DAY },
  { name: '30 d', span: 30 * DAY },
  { name: '90 d', span: 90 * DAY },
  { name: '1 y', span: 365 * DAY },
  { name: '2 y', span: 730 * DAY },
] as const

/** The whole day before the one of this moment, where the viewer is: its hours may be 23 or 25. */
export function dayBefore(now: Seconds): { from: Seconds; to: Seconds } {
  const midnight = (days: number) => {
    const at = new Date(now * 1000)
    return new Date(at.getFullYear(), at.getMonth(), at.getDate() - days).getTime() / 1000
  }
  return { from: midnight(1), to: midnight(0) }
}

const USUAL: Shown = { span: RANGES[1].span }
/** A century. */
const LONGEST = 36_525 * DAY

export function fromQuery({ range, from, to }: LocationQuery): Shown {
  const own = { from: parseTime(String(from)), to: parseTime(String(to)) }
  if (own.from < own.to) return own
  const span = Number(range)
  return Number.isInteger(span) && span > 0 && span <= LONGEST ? { span } : USUAL
}

const isSame = (a: Shown, b: Shown) => JSON.stringify(a) === JSON.stringify(b)

export const toQuery = (shown: Shown) =>
  'span' in shown ? { range: String(shown.span) } : { from: isoTime(shown.from), to: isoTime(shown.to) }

/** The parts of an address that have nothing to do with the range. */
export function besides(query: LocationQuery): LocationQuery {
  return Object.fromEntries(Object.entries(query).filter(([name]) => !['range', 'from', 'to'].includes(name)))
}

/**
 * The chosen range, kept in the address so that a link shows the same. As long as it is the same range it is the same
 * object, whatever else changes in the address: what is drawn of it is not read again, and a zoom stays.
 */
export function useRange() {
  const route = useRoute()
  const router = useRouter()
  return computed<Shown>({
    get(before) {
      const shown = fromQuery(route.query)
      return before !== undefined && isSame(before, shown) ? before : shown
    },
    set: (shown) => void router.replace({ query: { ...besides(route.query), ...toQuery(shown) } }),
  })
}

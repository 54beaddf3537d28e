import { computed } from 'vue'
import { useRoute, useRouter, type LocationQuery } from 'vue-router'
import { MOST_LINES } from '@/chart/line'
import type { Seconds } from '@/format/time'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const LONGEST_SHIFT: Seconds = 100 * 366 * 86_400

/** Which events an address names: each once, as many as can be drawn. */
export function idsOf({ events }: LocationQuery): string[] {
  const named = typeof events === 'string' ? events.toLowerCase().split(',') : []
  return [...new Set(named.filter((id) => UUID.test(id)))].slice(0, MOST_LINES)
}

/** By how much the time is earlier that is shown beside it; null: none is. */
export function shiftOf({ compare }: LocationQuery): Seconds | null {
  const shift = Number(compare)
  return Number.isInteger(shift) && shift > 0 && shift <= LONGEST_SHIFT ? shift : null
}

/** What is explored stands in the address, so that a link shows the same. */
export function useExplored() {
  const route = useRoute()
  const router = useRouter()
  function change(part: LocationQuery) {
    const query = { ...route.query, ...part }
    void router.replace({ query: Object.fromEntries(Object.entries(query).filter(([, value]) => value)) })
  }
  const ids = computed({ get: () => idsOf(route.query), set: (chosen) => change({ events: chosen.join() }) })
  const shift = computed({ get: () => shiftOf(route.query), set: (seconds) => change({ compare: seconds === null ? '' : String(seconds) }) })
  return { ids, shift }
}

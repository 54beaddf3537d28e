import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'

export const RANGES = [
  { name: '5 min', seconds: 300 },
  { name: '15 min', seconds: 900 },
  { name: '1 h', seconds: 3600 },
  { name: '6 h', seconds: 21_600 },
] as const

export type Range = (typeof RANGES)[number]

/** The chosen range, kept in the address so that a link shows the same. */
export function useRange() {
  const route = useRoute()
  const router = useRouter()
  return computed<Range>({
    get: () => RANGES.find(({ seconds }) => String(seconds) === route.query.range) ?? RANGES[0],
    set: ({ seconds }) => void router.replace({ query: { ...route.query, range: String(seconds) } }),
  })
}

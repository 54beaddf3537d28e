import { computed, provide, ref, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { Shown } from '@/chart/shown'
import { serverNow } from '@/live/clock'
import { dayBefore, RANGES } from '@/shared/range/ranges'
import { COMMON_RANGE } from '@/widgets/range'

export const YESTERDAY = 'yesterday'

const known = (range: unknown) => range === YESTERDAY || RANGES.some(({ span }) => String(span) === range)
const shownOf = (range: string): Shown => (range === YESTERDAY ? dayBefore(serverNow()) : { span: Number(range) })

/** One range for all curves, kept in the address so that a link shows the same; empty: each has its own. */
export function useCommonRange() {
  const route = useRoute()
  const router = useRouter()
  const chosen = computed({
    get: () => (known(route.query.range) ? String(route.query.range) : ''),
    set: (range) => void router.replace({ query: { ...route.query, range: range || undefined } }),
  })
  const common = ref<Shown | null>(null)
  watch(chosen, (range) => (common.value = range === '' ? null : shownOf(range)), { immediate: true })
  provide(COMMON_RANGE, common)
  return chosen
}

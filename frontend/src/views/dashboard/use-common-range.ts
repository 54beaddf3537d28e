import { computed, provide, ref, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { RANGES } from '@/shared/range/ranges'
import { COMMON_RANGE } from '@/widgets/range'

/** One range for all curves, kept in the address so that a link shows the same; empty: each has its own. */
export function useCommonRange() {
  const route = useRoute()
  const router = useRouter()
  const chosen = computed({
    get: () => (RANGES.some(({ span }) => String(span) === route.query.range) ? String(route.query.range) : ''),
    set: (range) => void router.replace({ query: { ...route.query, range: range || undefined } }),
  })
  const common = ref<{ span: number } | null>(null)
  watch(chosen, (range) => (common.value = range === '' ? null : { span: Number(range) }), { immediate: true })
  provide(COMMON_RANGE, common)
  return chosen
}

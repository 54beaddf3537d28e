import { computed, nextTick, onBeforeUnmount, onMounted, ref, watch, type Ref } from 'vue'

/** Narrower than this no table is easy to read. */
const LEAST_REM = 56

/** Whether a row is shown as a card, because a table of these rows has no room in the box. */
export function useCards(box: Readonly<Ref<HTMLElement | null>>, rows: Readonly<Ref<unknown>>) {
  const width = ref(Infinity)
  const least = ref(0)
  /** What the table of these rows was found to need. */
  const needed = ref(0)
  const cards = computed(() => width.value < Math.max(least.value, needed.value))

  const sizes = new ResizeObserver(() => (width.value = box.value!.clientWidth))
  onMounted(() => {
    least.value = LEAST_REM * parseFloat(getComputedStyle(document.documentElement).fontSize)
    width.value = box.value!.clientWidth
    sizes.observe(box.value!)
  })
  onBeforeUnmount(() => sizes.disconnect())

  watch(rows, () => (needed.value = 0))
  watch(
    [rows, width, cards],
    async () => {
      await nextTick()
      const table = box.value?.querySelector<HTMLElement>(':scope > table')
      if (table && !cards.value && table.offsetWidth > width.value) needed.value = table.offsetWidth
    },
    { flush: 'post' },
  )
  return cards
}

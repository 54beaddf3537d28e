import { nextTick, onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

/**
 * How many of the children of `list` fit into it as a whole, from the first on; at least that one. The others are to
 * be laid out all the same, unseen, so that it is known when there is room for them.
 */
export function useFitting(list: Ref<HTMLElement | null>) {
  const fitting = ref(Infinity)

  function measure() {
    const bottom = list.value?.getBoundingClientRect().bottom ?? 0
    const rows = [...(list.value?.children ?? [])]
    const cut = rows.findIndex((row) => row.getBoundingClientRect().bottom > bottom + 1)
    fitting.value = cut === -1 ? Infinity : Math.max(1, cut)
  }
  const sizes = new ResizeObserver(measure)
  function observe() {
    sizes.disconnect()
    if (list.value) for (const element of [list.value, ...list.value.children]) sizes.observe(element)
  }

  onMounted(observe)
  onBeforeUnmount(() => sizes.disconnect())
  /** To be called when there are other rows. */
  return { fitting, refit: () => void nextTick(observe) }
}

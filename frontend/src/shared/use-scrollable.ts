import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

/** Whether an element holds more than it shows: then the keyboard has to reach it, to scroll. */
export function useScrollable(box: Ref<HTMLElement | null>) {
  const scrollable = ref(false)

  const sizes = new ResizeObserver(() => {
    const { scrollHeight, clientHeight, scrollWidth, clientWidth } = box.value!
    scrollable.value = scrollHeight > clientHeight || scrollWidth > clientWidth
  })
  function observe() {
    sizes.disconnect()
    for (const element of [box.value!, ...box.value!.children]) sizes.observe(element)
  }
  const contents = new MutationObserver(observe)

  onMounted(() => {
    observe()
    contents.observe(box.value!, { childList: true })
  })
  onBeforeUnmount(() => {
    sizes.disconnect()
    contents.disconnect()
  })
  return scrollable
}

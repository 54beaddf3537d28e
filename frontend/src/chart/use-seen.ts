import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

/** Whether an element is within what is seen of the page. */
export function useSeen(element: Ref<HTMLElement | null>) {
  const seen = ref(true)
  const observer = new IntersectionObserver((entries) => (seen.value = entries.at(-1)!.isIntersecting))
  onMounted(() => observer.observe(element.value!))
  onBeforeUnmount(() => observer.disconnect())
  return seen
}

import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

/** How many tiles (`--tile-width` and the gap between columns) stand beside each other in the box: one at least. */
export function useColumns(box: Readonly<Ref<HTMLElement | null>>) {
  const columns = ref(1)

  function measure() {
    const style = getComputedStyle(box.value!)
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize)
    const [tile, gap] = [rem * parseFloat(style.getPropertyValue('--tile-width')), parseFloat(style.columnGap)]
    columns.value = Math.max(1, Math.floor((box.value!.clientWidth + gap) / (tile + gap)))
  }
  const sizes = new ResizeObserver(measure)

  onMounted(() => {
    measure()
    sizes.observe(box.value!)
  })
  onBeforeUnmount(() => sizes.disconnect())
  return columns
}

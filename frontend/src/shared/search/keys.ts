import { onMounted, onUnmounted, ref } from 'vue'

const writes = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))

/** Whether somebody searches: Ctrl K (or ⌘ K) opens it but over a dialog, / also where nobody is writing. */
export function useSearchKeys(allowed: () => boolean) {
  const searching = ref(false)

  function onKey(event: KeyboardEvent) {
    const chord = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)
    const slash = event.key === '/' && !event.ctrlKey && !event.metaKey && !writes(event.target)
    if (!allowed() || !(chord || slash) || document.querySelector('[aria-modal=true]')) return
    event.preventDefault()
    searching.value = true
  }

  onMounted(() => window.addEventListener('keydown', onKey))
  onUnmounted(() => window.removeEventListener('keydown', onKey))
  return searching
}

import { nextTick, ref, watch } from 'vue'

/** The views on a phone, which come over what is shown: the keyboard goes in with them, and back out. */
export function useMenu() {
  const menuOpen = ref(false)

  watch(menuOpen, async (open) => {
    await nextTick()
    const current = document.querySelector<HTMLElement>('#views [aria-current=page]')
    if (open) (current ?? document.querySelector<HTMLElement>('#views a'))?.focus()
  })

  function leaveMenu() {
    if (!menuOpen.value) return
    menuOpen.value = false
    document.querySelector<HTMLElement>('[aria-controls=views]')?.focus()
  }

  return { menuOpen, leaveMenu }
}

import { nextTick, onBeforeUnmount, onUnmounted } from 'vue'

const isSeen = (element: Element | null): element is HTMLElement =>
  element !== null && element !== document.body && element.getClientRects().length > 0

/** If what somebody stood on has gone, they go on at the first of these places that is still there, else where the view begins. */
export async function goOn(places: readonly Element[] = []) {
  await nextTick()
  if (isSeen(document.activeElement)) return
  const place = places.find(isSeen)
  if (place) place.focus()
  else document.getElementById('main')?.focus({ preventScroll: true })
}

/** Where somebody was before the newest dialog, and before those that followed each other until then. */
let newest: Element[] = []
/** The same of a dialog that goes at this moment, for the one that takes its place. */
let gone: Element[] = []

function placesNow(): Element[] {
  const active = document.activeElement
  if (active === null || active === document.body) return [...gone]
  return [active, ...(active.closest('[role=dialog]') ? newest : [])]
}

/** Whoever closes a dialog goes on where they were. */
export function useFocusReturn() {
  const places = placesNow()
  newest = places
  onBeforeUnmount(() => {
    gone = places
    void nextTick(() => (gone = []))
  })
  onUnmounted(() => goOn(places))

  /** They have gone somewhere else. */
  return { forget: () => places.splice(0) }
}

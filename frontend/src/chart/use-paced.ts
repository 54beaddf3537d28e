import { onScopeDispose, shallowRef, watch } from 'vue'
import type { Seconds } from '@/format/time'
import type { Window } from './shown'
import type { Curves } from './use-curves'

/** While somebody drags nothing is read. */
const REST_MS = 400
const LEAST_STEP: Seconds = 10
/** What is live is read again whenever this part of its range has passed. */
const PART = 0.05

/**
 * What the curves show, for what is read of it besides them: it follows when a window has come to rest, and where time
 * goes on in steps.
 */
export function usePaced({ window, zoomed, shown, events, seen }: Curves) {
  const paced = shallowRef<Window>(window.value)
  const isLive = () => zoomed.value === null && 'span' in shown.value
  const stepped = ([from, to]: Window) => {
    const step = Math.max(LEAST_STEP, PART * (to - from))
    return isLive() ? `${Math.round(to - from)} s, ${Math.floor(to / step)}` : `${from} ${to}`
  }

  let resting: ReturnType<typeof setTimeout> | undefined
  const follow = () => {
    clearTimeout(resting)
    resting = setTimeout(() => seen.value && (paced.value = window.value), REST_MS)
  }
  watch([() => stepped(window.value), () => events.value.map(({ id }) => id).join(), seen], follow)
  onScopeDispose(() => clearTimeout(resting))
  return paced
}

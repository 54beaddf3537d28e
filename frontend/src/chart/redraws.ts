import { onScopeDispose, watch, type Ref } from 'vue'
import type { Seconds } from '@/format/time'

const SHORTEST_MS = 250
const LONGEST_MS = 1000
/** About so many columns of pixels a chart has: before all of it has moved on by one there is nothing to see. */
const COLUMNS = 1000
/** Without new values the window still moves on, slowly, so that silence is seen as a gap. */
const IDLE_MS = 1000

const paceOf = (drawn: Seconds) => Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (1000 * drawn) / COLUMNS))

/** Draws what was asked for, at most four times a second, and nothing while nobody sees it. */
export function useRedraws(draw: () => void, drawn: Ref<Seconds>, seen: Ref<boolean>) {
  let asked = true
  let last = 0

  function turn() {
    if (!seen.value || document.hidden) return
    const waited = performance.now() - last
    // timers are not exact
    if (waited < (asked ? paceOf(drawn.value) : IDLE_MS) - SHORTEST_MS / 4) return
    asked = false
    last = performance.now()
    draw()
  }

  const timer = setInterval(turn, SHORTEST_MS)
  document.addEventListener('visibilitychange', turn)
  watch(seen, turn)
  onScopeDispose(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', turn)
  })
  return { ask: () => void (asked = true) }
}

import { computed, onScopeDispose, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/**
 * The dashboard without header and navigation. It stands in the address, so that a screen on the wall comes back to it
 * by itself; the browser's own frame goes too, where it lets us.
 */
export function useFullScreen() {
  const route = useRoute()
  const router = useRouter()
  const root = document.documentElement
  const on = computed(() => 'full' in route.query)

  const show = (full: boolean) => void router.replace({ query: { ...route.query, full: full ? '' : undefined } })

  function enter() {
    show(true)
    root.requestFullscreen?.().catch(() => undefined)
  }

  function leave() {
    show(false)
    if (document.fullscreenElement !== null) void document.exitFullscreen()
  }

  const onChange = () => document.fullscreenElement === null && on.value && show(false)
  const onKey = ({ key }: KeyboardEvent) => key === 'Escape' && on.value && document.querySelector('[role=dialog]') === null && leave()
  watch(on, (full) => root.classList.toggle('full-screen', full), { immediate: true })
  document.addEventListener('fullscreenchange', onChange)
  document.addEventListener('keydown', onKey)
  onScopeDispose(() => {
    document.removeEventListener('fullscreenchange', onChange)
    document.removeEventListener('keydown', onKey)
    root.classList.remove('full-screen')
    if (document.fullscreenElement !== null) void document.exitFullscreen()
  })

  return { on, enter, leave }
}

export type FullScreen = ReturnType<typeof useFullScreen>

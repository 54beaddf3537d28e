import { onScopeDispose, ref, type Ref } from 'vue'
import { onBeforeRouteLeave, onBeforeRouteUpdate } from 'vue-router'
import { useSession } from '@/accounts/session'

interface Work {
  /** Whether something is not saved that somebody has entered. */
  changed: Readonly<Ref<boolean>>
  /** Saves it; whether that was possible. Without it, it can only be discarded. */
  save?: (() => Promise<boolean>) | undefined
  /** What else has to be given up, where it is discarded. */
  forget?: () => void
}

/** Whoever leaves with changes that are not saved is asked; the browser asks where it leaves the page altogether. */
export function useLeaving({ changed, save, forget }: Work) {
  const session = useSession()
  const asking = ref(false)
  let answer: (leave: boolean) => void = () => undefined

  function ask(): Promise<boolean> {
    answer(false) // who asked before stays
    asking.value = true
    return new Promise((resolve) => (answer = resolve))
  }

  function decide(leave: boolean) {
    asking.value = false
    answer(leave)
  }

  const saveAndLeave = save && (async () => decide(await save()))

  function discardAndLeave() {
    forget?.()
    decide(true)
  }

  const mayLeave = () => !changed.value || !session.signedIn || ask()
  const guard = (to: { path: string }, from: { path: string }) => to.path === from.path || mayLeave()
  onBeforeRouteLeave(guard)
  onBeforeRouteUpdate(guard)

  const onUnload = (event: BeforeUnloadEvent) => changed.value && event.preventDefault()
  addEventListener('beforeunload', onUnload)
  onScopeDispose(() => removeEventListener('beforeunload', onUnload))

  return { asking, decide, mayLeave, saveAndLeave, discardAndLeave }
}

export type Leaving = ReturnType<typeof useLeaving>

import { onScopeDispose, ref } from 'vue'
import { onBeforeRouteLeave, onBeforeRouteUpdate } from 'vue-router'
import { useSession } from '@/accounts/session'
import type { Draft } from './use-draft'
import type { Saving } from './use-saving'

/** Whoever leaves with changes that are not saved is asked. At the end of a session the changes are kept in the tab. */
export function useLeaving(draft: Draft, saving: Saving, forget: () => void) {
  const session = useSession()
  const asking = ref(false)
  let answer: (leave: boolean) => void = () => undefined

  function ask(): Promise<boolean> {
    asking.value = true
    return new Promise((resolve) => (answer = resolve))
  }

  function decide(leave: boolean) {
    asking.value = false
    answer(leave)
  }

  async function saveAndLeave() {
    await saving.save()
    decide(saving.problem.value === null && !saving.conflict.value)
  }

  function discardAndLeave() {
    forget()
    decide(true)
  }

  const guard = (to: { path: string }, from: { path: string }) =>
    to.path === from.path || !draft.changed.value || !session.signedIn || ask()
  onBeforeRouteLeave(guard)
  onBeforeRouteUpdate(guard)

  const onUnload = (event: BeforeUnloadEvent) => draft.changed.value && event.preventDefault()
  addEventListener('beforeunload', onUnload)
  onScopeDispose(() => removeEventListener('beforeunload', onUnload))

  return { asking, decide, saveAndLeave, discardAndLeave }
}

export type Leaving = ReturnType<typeof useLeaving>

import { inject, onScopeDispose, provide, type InjectionKey } from 'vue'

type MayClose = () => boolean | Promise<boolean>

const CLOSING: InjectionKey<Set<MayClose>> = Symbol()

/** For a dialog: whether what is in it lets it be closed, each of them asked in turn. */
export function provideClosing() {
  const guards = new Set<MayClose>()
  provide(CLOSING, guards)

  return async () => {
    for (const mayClose of guards) if (!(await mayClose())) return false
    return true
  }
}

/** The dialog that this stands in, or null; it closes only if what is given to it agrees. */
export function useDialog() {
  const guards = inject(CLOSING, null)
  if (guards === null) return null

  return (mayClose: MayClose) => {
    guards.add(mayClose)
    onScopeDispose(() => guards.delete(mayClose))
  }
}

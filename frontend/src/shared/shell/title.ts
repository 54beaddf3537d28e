import { onScopeDispose, shallowRef, watch } from 'vue'
import type { View } from '@/view'
import { words } from '@/words'

const item = shallowRef('')

/** What stands on the tab of the browser and in its history. */
export const titleOf = (view: View) => [item.value, view.title, words.product].filter(Boolean).join(' – ')

/** The page of one item says what it is called, as long as it is shown; undefined: it is not known yet. */
export function useItemTitle(name: () => string | undefined) {
  watch(name, (now) => (item.value = now ?? ''), { immediate: true })
  onScopeDispose(() => (item.value = ''))
}

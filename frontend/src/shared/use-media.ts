import { onScopeDispose, ref } from 'vue'

/** Whether the screen is so, for as long as the calling component lives. */
export function useMedia(query: string) {
  const list = matchMedia(query)
  const matches = ref(list.matches)
  const take = () => (matches.value = list.matches)
  list.addEventListener('change', take)
  onScopeDispose(() => list.removeEventListener('change', take))
  return matches
}

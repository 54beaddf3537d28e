import { onScopeDispose } from 'vue'
import { useLoading } from '@/shared/use-loading'

/**
 * What the stream does not tell: read at once, and so many seconds after each answer for as long as the calling
 * component lives. While nobody sees the page nothing is asked.
 */
export function useRepeated(seconds: number, read: () => Promise<void>) {
  const { loading, problem, load } = useLoading(read)
  let timer: ReturnType<typeof setTimeout> | undefined
  let over = false

  async function once() {
    clearTimeout(timer)
    if (over || loading.value || document.hidden) return
    await load()
    if (!over) timer = setTimeout(once, seconds * 1000)
  }

  document.addEventListener('visibilitychange', once)
  onScopeDispose(() => {
    over = true
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', once)
  })
  void once()
  return { loading, problem, load: once }
}

import { ref, shallowRef } from 'vue'
import { Problem, problemOf } from '@/api/problem'

/** Runs a request and keeps whether it is under way and what went wrong. */
export function useLoading(work: () => Promise<void>) {
  const loading = ref(false)
  const problem = shallowRef<Problem | null>(null)

  async function load() {
    loading.value = true
    problem.value = null
    try {
      await work()
    } catch (error) {
      problem.value = error instanceof Problem ? error : problemOf(0, error)
    } finally {
      loading.value = false
    }
  }

  return { loading, problem, load }
}

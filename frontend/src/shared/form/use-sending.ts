import { computed, nextTick } from 'vue'
import type { Problem } from '@/api/problem'
import { useLoading } from '@/shared/use-loading'
import { fieldOf, inWordsOf, type Field } from './field'

/** Sends a form, and says what the server refuses: beside its field, or above where it is about none. */
export function useSending(fields: () => readonly Field[], work: () => Promise<void>, about?: (problem: Problem) => string | undefined) {
  const { loading, problem, load } = useLoading(work)
  /** The name of the field that the server's message is about. */
  const refused = computed(() => {
    if (problem.value === null) return undefined
    return about?.(problem.value) ?? fieldOf(problem.value, fields())?.name
  })
  const message = computed(() => inWordsOf(fields(), problem.value?.sentences ?? ''))

  async function send(form: HTMLElement | null) {
    await load()
    await nextTick()
    form?.querySelector<HTMLElement>('[aria-invalid=true], [role=alert]')?.focus()
  }

  return { loading, problem, refused, message, send }
}

import { computed, ref, type Ref } from 'vue'
import { useRouter } from 'vue-router'
import { changeDashboard, readDashboard, type Dashboard } from '@/api/dashboards'
import { isOutdated } from '@/api/problem'
import { copyOf } from '@/views/dashboards/copy'
import { useLoading } from '@/shared/use-loading'
import { inOrder } from './layout'
import { words } from '@/words'
import type { Draft } from './use-draft'
import type { useStash } from './use-stash'

/** Saves what was edited, unless somebody else changed the dashboard since: then a person decides. */
export function useSaving(dashboard: Ref<Dashboard>, draft: Draft, stash: ReturnType<typeof useStash>) {
  const router = useRouter()
  const conflict = ref(false)
  const saved = ref(false)

  function take(now: Dashboard) {
    stash.forget(dashboard.value)
    dashboard.value = now
    draft.show(now.widgets)
    conflict.value = false
  }

  const { loading, problem: refusal, load: save } = useLoading(async () => {
    try {
      take(await changeDashboard(dashboard.value, { widgets: inOrder(draft.widgets.value) }))
      saved.value = true
    } catch (error) {
      if (!isOutdated(error)) throw error
      conflict.value = true
    }
  })
  const problem = computed(() => (conflict.value ? null : refusal.value))

  function discard() {
    stash.forget(dashboard.value)
    draft.show(dashboard.value.widgets)
  }

  /** The three ways out of a conflict. */
  async function keepAsCopy() {
    const copy = await copyOf({ name: dashboard.value.name, widgets: inOrder(draft.widgets.value) })
    discard()
    draft.editing.value = conflict.value = false
    await router.push({ name: 'dashboard', params: { public_id: copy.public_id } })
  }

  async function takeTheirs() {
    const theirs = await readDashboard(dashboard.value.public_id)
    if (theirs !== null) take(theirs)
  }

  async function writeOver() {
    const theirs = await readDashboard(dashboard.value.public_id)
    if (theirs !== null) take(await changeDashboard(theirs, { widgets: inOrder(draft.widgets.value) }))
  }

  const ways = [
    { label: words.dashboards.conflictCopy, go: keepAsCopy },
    { label: words.form.conflictTheirs, go: takeTheirs },
    { label: words.form.conflictMine, go: writeOver },
  ]

  /** Whether it is saved then. */
  async function saves(): Promise<boolean> {
    await save()
    return problem.value === null && !conflict.value
  }

  const decideLater = () => void (conflict.value = false)

  return { decideLater, loading, problem, conflict, saved, save, saves, discard, ways }
}

export type Saving = ReturnType<typeof useSaving>

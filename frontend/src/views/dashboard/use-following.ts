import { onScopeDispose, type Ref } from 'vue'
import { readDashboard, type Dashboard } from '@/api/dashboards'
import type { Draft } from './use-draft'

const FOLLOW_MS = 60_000

/** A screen on the wall follows what others change; whoever edits is told when they save. */
export function useFollowing(dashboard: Ref<Dashboard>, draft: Draft) {
  async function follow() {
    if (draft.editing.value || document.hidden) return
    const now = await readDashboard(dashboard.value.public_id).catch(() => null)
    if (now === null || draft.editing.value || now.version === dashboard.value.version) return
    dashboard.value = now
    draft.show(now.widgets)
  }

  const timer = setInterval(follow, FOLLOW_MS)
  document.addEventListener('visibilitychange', follow)
  onScopeDispose(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', follow)
  })
}

import { watch } from 'vue'
import type { Dashboard } from '@/api/dashboards'
import type { Widget } from '@/widgets/widget'
import type { Draft } from './use-draft'

interface Stashed {
  version: number
  widgets: Widget[]
}

const keyOf = ({ public_id: id }: Dashboard) => `webmacs.dashboard.${id}`

/** What is not saved yet outlives a reload and the end of a session, in this tab. */
export function useStash(draft: Draft, dashboard: () => Dashboard | null) {
  watch([draft.widgets, draft.changed], () => {
    const of = dashboard()
    if (of === null) return
    if (draft.changed.value) sessionStorage.setItem(keyOf(of), JSON.stringify({ version: of.version, widgets: draft.widgets.value }))
    else if (draft.editing.value) sessionStorage.removeItem(keyOf(of))
  })

  function read(of: Dashboard): Stashed | null {
    const stashed = JSON.parse(sessionStorage.getItem(keyOf(of)) ?? 'null') as Stashed | null
    return stashed?.version === of.version ? stashed : null
  }

  const forget = (of: Dashboard) => sessionStorage.removeItem(keyOf(of))

  return { read, forget }
}

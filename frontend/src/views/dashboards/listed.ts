import type { Listed } from '@/shared/list/use-list'
import { zone } from '@/format/moment'
import { words } from '@/words'

const { dashboards: said } = words
const choices = (labels: Record<string, string>) => Object.entries(labels).map(([value, label]) => ({ value, label }))

export const DASHBOARDS: Listed<'dashboards'> = {
  view: 'dashboards',
  key: 'id',
  select: 'id,public_id,name,shared,version,author,own,widget_count,changed_at,changed_by',
  sort: { column: 'name', descending: false },
  columns: [
    { name: 'name', label: said.name, sortable: true, filter: 'text', wide: true },
    { name: 'own', label: said.whose, filter: choices(said.ownChoices) },
    { name: 'shared', label: said.sharing, filter: choices(said.sharedChoices) },
    { name: 'widget_count', label: said.widgets, sortable: true },
    { name: 'changed_at', label: said.changedAt(zone()), sortable: true },
  ],
}

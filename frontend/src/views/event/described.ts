import { zone } from '@/format/moment'
import type { Field } from '@/shared/form/field'
import type { Listed } from '@/shared/list/use-list'
import { words } from '@/words'

const types = (of: Record<string, string>) => Object.entries(of).map(([value, label]) => ({ value, label }))

export const EVENTS: Listed<'events'> = {
  view: 'events',
  key: 'id',
  sort: { column: 'name', descending: false },
  columns: [
    { name: 'name', label: words.events.name, filter: 'text', sortable: true, wide: true },
    { name: 'area', label: words.events.area, filter: 'text', sortable: true },
    { name: 'event_type', label: words.events.type, filter: types(words.event.types), sortable: true },
    { name: 'unit', label: words.events.unit },
    { name: 'archived_at', label: words.events.archived(zone()), filter: words.events.archivedFilter, sortable: true },
  ],
}

export const FIELDS: readonly Field[] = [
  { name: 'name', label: words.events.name, required: true },
  { name: 'event_type', label: words.events.type, kind: 'choice', options: types(words.events.types) },
  { name: 'unit', label: words.events.unit, required: true },
  { name: 'min_value', label: words.events.min, kind: 'number', required: true },
  { name: 'max_value', label: words.events.max, kind: 'number', required: true, help: words.events.rangeHelp },
  { name: 'area', label: words.events.area, help: words.events.areaHelp },
  { name: 'description', label: words.events.description, kind: 'area' },
]

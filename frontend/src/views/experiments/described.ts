import { zone } from '@/format/moment'
import type { Field } from '@/shared/form/field'
import type { Listed } from '@/shared/list/use-list'
import { words } from '@/words'
import { PARAMETERS } from './parameters'

export const EXPERIMENTS: Listed<'experiments'> = {
  view: 'experiments',
  key: 'id',
  sort: { column: 'started_at', descending: true },
  columns: [
    { name: 'name', label: words.experiments.name, filter: 'text', sortable: true, wide: true },
    { name: 'kind', label: words.experiments.kind, filter: 'text', sortable: true },
    { name: 'started_at', label: words.experiments.started(zone()), sortable: true },
    { name: 'stopped_at', label: words.experiments.stoppedAt(zone()), filter: words.experiments.stateFilter, sortable: true },
  ],
}

export const FIELDS: readonly Field[] = [
  { name: 'name', label: words.experiments.name, required: true },
  { name: 'kind', label: words.experiments.kind, help: words.experiments.kindHelp },
  { name: 'description', label: words.experiments.description, kind: 'area' },
  PARAMETERS,
  { name: 'keep', label: words.experiments.keep, kind: 'check' },
]

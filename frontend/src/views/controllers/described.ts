import { zone } from '@/format/moment'
import type { Field } from '@/shared/form/field'
import type { Listed } from '@/shared/list/use-list'
import { words } from '@/words'

const say = words.controllers

export const CONTROLLERS: Listed<'controllers'> = {
  view: 'controllers',
  key: 'id',
  sort: { column: 'name', descending: false },
  columns: [
    { name: 'name', label: say.name, filter: 'text', sortable: true, wide: true },
    { name: 'connected_at', label: say.state, filter: { label: say.state, none: say.states.away, some: say.states.connected } },
    { name: 'software', label: say.software, sortable: true },
    { name: 'last_seen_at', label: say.lastSeen(zone()), sortable: true },
  ],
}

export const OF_A_NEW_CONTROLLER: readonly Field[] = [
  { name: 'name', label: say.name, help: say.nameHelp, required: true },
  { name: 'description', label: say.description, help: say.descriptionHelp, kind: 'area' },
]

export const OF_A_CONTROLLER: readonly Field[] = [
  ...OF_A_NEW_CONTROLLER,
  { name: 'enabled', label: say.enabled, help: say.enabledHelp, kind: 'check' },
]

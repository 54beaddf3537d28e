import { zone } from '@/format/moment'
import type { Listed } from '@/shared/list/use-list'
import { words } from '@/words'

const say = words.packages

export const PACKAGES: Listed<'plugin_packages'> = {
  view: 'plugin_packages',
  key: 'id',
  sort: { column: 'name', descending: false },
  columns: [
    { name: 'name', label: say.name, filter: 'text', sortable: true, wide: true },
    { name: 'signed_by', label: say.signedBy },
    { name: 'size', label: say.size, sortable: true },
    { name: 'created_at', label: say.uploaded(zone()), sortable: true },
    { name: 'id', label: say.controllers, wide: 'line' },
  ],
}

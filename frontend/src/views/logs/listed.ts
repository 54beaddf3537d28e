import { zone } from '@/format/moment'
import type { Listed } from '@/shared/list/use-list'
import { words } from '@/words'

const levels = ['error', 'warning', 'info'].map((value) => ({ value, label: words.logs.levels[value]! }))
const readChoices = [
  { value: 'false', label: words.logs.readChoices.unread },
  { value: 'true', label: words.logs.readChoices.read },
]

/** The newest first: the number is given in the order of writing. */
export const LOG: Listed<'log_entries'> = {
  view: 'log_entries',
  key: 'id',
  sort: { column: 'created_at', descending: true },
  columns: [
    { name: 'created_at', label: words.logs.at(zone()), filter: 'time', sortable: true },
    { name: 'level', label: words.logs.level, filter: levels },
    { name: 'message', label: words.logs.message, filter: 'text', wide: true },
    { name: 'source', label: words.logs.source, filter: 'text', sortable: true },
    { name: 'is_read', label: words.logs.read, filter: readChoices },
  ],
}

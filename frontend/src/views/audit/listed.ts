import { zone } from '@/format/moment'
import type { Listed } from '@/shared/list/use-list'
import { words } from '@/words'

const say = words.audit
const options = (of: Record<string, string>) => Object.entries(of).map(([value, label]) => ({ value, label }))

export const AUDIT: Listed<'audit_log'> = {
  view: 'audit_log',
  key: 'id',
  sort: { column: 'id', descending: true },
  columns: [
    { name: 'changed_at', label: say.at(zone()), filter: 'time' },
    { name: 'actor', label: say.actor, filter: 'text', sortable: true },
    { name: 'operation', label: say.operation, filter: options(say.operations) },
    { name: 'table_name', label: say.table, filter: options(say.tables) },
    { name: 'row_id', label: say.row },
    { name: 'new', label: say.change, wide: true },
  ],
}

import { zone } from '@/format/moment'
import { SEVERITIES } from '@/shared/alarms/order'
import type { Listed } from '@/shared/list/use-list'
import { words } from '@/words'

const severities = SEVERITIES.map((value) => ({ value, label: words.alarms.severities[value]! }))
const steps = Object.entries(words.alarms.steps).map(([value, label]) => ({ value, label }))

/** The newest first; of one moment in the order of writing. */
export const JOURNAL: Listed<'alarm_journal'> = {
  view: 'alarm_journal',
  key: 'id',
  sort: { column: 'happened_at', descending: true },
  columns: [
    { name: 'happened_at', label: words.alarms.log.at(zone()), filter: 'time', sortable: true },
    { name: 'name', label: words.alarms.log.alarm, filter: 'text', wide: true },
    { name: 'severity', label: words.alarms.severity, filter: severities },
    { name: 'step', label: words.alarms.log.step, filter: steps },
    { name: 'actor', label: words.alarms.log.actor, filter: 'text', sortable: true },
    { name: 'comment', label: words.alarms.log.comment, filter: 'text', wide: true },
  ],
}

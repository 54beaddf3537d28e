import { IN_FULL } from '@/api/rules'
import type { Listed } from '@/shared/list/use-list'
import { words } from '@/words'
import { KINDS, SEVERITIES } from './fields'

/** What a rule does is told in a sentence, in the column of its kind. */
export const RULES: Listed<'rules'> = {
  view: 'rules',
  key: 'id',
  sort: { column: 'name', descending: false },
  select: IN_FULL,
  columns: [
    { name: 'name', label: words.rules.name, filter: 'text', sortable: true },
    { name: 'kind', label: words.rules.kind, heading: words.rules.sentenceTitle, filter: KINDS, wide: true },
    { name: 'severity', label: words.rules.severity, filter: SEVERITIES },
    { name: 'enabled', label: words.rules.onOff, filter: words.rules.enabledChoices },
  ],
}

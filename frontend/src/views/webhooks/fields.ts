import { SEVERITIES } from '@/shared/alarms/order'
import type { Field } from '@/shared/form/field'
import { words } from '@/words'

const told = words.webhooks
const contentTypes = Object.entries(told.contentTypes).map(([value, label]) => ({ value, label }))

/** Those of the form that are plain fields: where, about what (which stands between them), in which form, and whether. */
export const FIELDS: readonly Field[] = [
  { name: 'name', label: told.name, required: true },
  { name: 'url', label: told.url, help: told.urlHelp, required: true },
  {
    name: 'min_severity',
    label: told.minSeverity,
    help: told.minSeverityHelp,
    kind: 'choice',
    options: [{ value: '', label: told.anySeverity }, ...SEVERITIES.map((value) => ({ value, label: words.alarms.severities[value]! }))],
  },
  { name: 'reading_interval_seconds', label: told.interval, kind: 'number', unit: 's', min: 0.1, required: true },
  { name: 'template', label: told.template, help: told.templateHelp, kind: 'area' },
  { name: 'content_type', label: told.contentType, kind: 'choice', options: contentTypes },
  { name: 'enabled', label: told.enabled, kind: 'check' },
]

export const NEW = {
  name: '',
  url: '',
  min_severity: '',
  reading_interval_seconds: 5,
  template: '',
  content_type: 'application/json',
  enabled: true,
}

/** Of some kinds people may want single steps. docs/interfaces.md says what each holds. */
export const GROUPS = Object.keys(told.allTypes)
export const STEPS = [
  ...['raised', 'returned', 'acknowledged', 'reset', 'shelved', 'unshelved', 'suppressed', 'unsuppressed'].map((step) => `alarm.${step}`),
  ...['started', 'stopped'].map((step) => `experiment.${step}`),
  ...['queued', 'sent', 'done', 'failed', 'expired', 'superseded', 'outcome_unknown'].map((step) => `command.${step}`),
  ...['connected', 'disconnected'].map((step) => `controller.${step}`),
]

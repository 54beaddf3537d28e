import type { Event } from '@/api/events'
import type { Field } from '@/shared/form/field'
import { words } from '@/words'
import { conditionFields, isRange, type Draft } from './draft'

const told = words.rules
const choices = (labels: Record<string, string>) => Object.entries(labels).map(([value, label]) => ({ value, label }))

export const SEVERITIES = choices(told.severities)
export const KINDS = choices(told.kinds)

/** Every field of the form by name, for an event of this unit. */
function allFields({ kind, operator }: Draft, events: readonly Event[], unit: string): Record<string, Field> {
  const inUnit = kind === 'rate' && unit !== '' ? `${unit}/s` : unit
  const seconds = (name: 'window' | 'timeout' | 'on_delay' | 'off_delay' | 'cooldown', min = 0): Field => ({
    name: `${name}_seconds`,
    label: told[`${name}_seconds`],
    help: told[`${name}_help`],
    kind: 'number',
    unit: 's',
    min,
    required: true,
  })
  const eventOptions = events.map((event) => ({ value: String(event.id), label: event.unit ? `${event.name} (${event.unit})` : event.name }))
  return {
    name: { name: 'name', label: told.name, required: true },
    event_id: { name: 'event_id', label: told.event, kind: 'choice', required: true, options: [{ value: '', label: told.choose }, ...eventOptions] },
    kind: { name: 'kind', label: told.kind, kind: 'choice', options: KINDS },
    operator: { name: 'operator', label: told.operator, kind: 'choice', options: choices(told.operators) },
    threshold: { name: 'threshold', label: isRange(operator) ? told.low : told.threshold, kind: 'number', unit: inUnit, required: true },
    threshold_high: { name: 'threshold_high', label: told.high, kind: 'number', unit: inUnit, required: true },
    deadband: { name: 'deadband', label: told.deadband, help: told.deadbandHelp, kind: 'number', unit: inUnit, min: 0, required: true },
    window_seconds: seconds('window', 0.001),
    timeout_seconds: seconds('timeout', 0.1),
    on_delay_seconds: seconds('on_delay'),
    off_delay_seconds: seconds('off_delay'),
    cooldown_seconds: seconds('cooldown'),
    severity: { name: 'severity', label: told.severity, help: told.severityHelp, kind: 'choice', options: SEVERITIES },
    latched: { name: 'latched', label: told.latched, kind: 'check' },
    suppressed_by: { name: 'suppressed_by', label: told.suppressedBy, help: told.suppressedByHelp },
    message: { name: 'message', label: told.message, help: told.messageHelp, kind: 'area' },
    enabled: { name: 'enabled', label: told.enabled, kind: 'check' },
  }
}

export interface Section {
  title: string
  fields: Field[]
}

/** The fields that such a rule has, in the order in which it is thought out. Actions stand apart. */
export function sectionsOf(draft: Draft, events: readonly Event[], unit: string): Section[] {
  const all = allFields(draft, events, unit)
  const those = (...names: string[]) => names.map((name) => all[name]!)
  return [
    { title: told.what, fields: those('name', 'event_id', 'kind', ...conditionFields(draft)) },
    { title: told.when, fields: those('on_delay_seconds', 'off_delay_seconds', 'cooldown_seconds') },
    { title: told.tell, fields: those('severity', 'message', ...(draft.alarm ? ['latched', 'suppressed_by'] : []), 'enabled') },
  ]
}

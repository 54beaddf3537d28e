import type { Event } from '@/api/events'
import type { Interlock } from '@/api/interlocks'
import { formatLimit } from '@/format/number'
import type { Field, Values } from '@/shared/form/field'
import { words } from '@/words'

const say = words.interlocks

type Named = Pick<Event, 'id' | 'name' | 'unit'>

const optionsOf = (events: readonly Named[]) =>
  events.map(({ id, name, unit }) => ({ value: JSON.stringify(id), label: unit ? `${name} (${unit})` : name }))

export function fieldsOfInterlock(outputs: readonly Named[], sources: readonly Named[]): Field[] {
  const operators = Object.entries(say.operators).map(([value, label]) => ({ value, label }))
  return [
    { name: 'event_id', label: say.output, kind: 'choice', coded: true, options: optionsOf(outputs), required: true },
    { name: 'source_event_id', label: say.source, kind: 'choice', coded: true, options: optionsOf(sources), required: true },
    { name: 'operator', label: say.operator, kind: 'choice', options: operators, required: true },
    { name: 'threshold', label: say.threshold, kind: 'number', required: true },
    { name: 'threshold_high', label: say.thresholdHigh, kind: 'number', help: say.thresholdHighHelp },
    { name: 'max_age_seconds', label: say.maxAge, kind: 'number', unit: 's', help: say.maxAgeHelp, required: true },
    { name: 'description', label: say.description, help: say.descriptionHelp },
    { name: 'enabled', label: say.enabled, kind: 'check' },
  ]
}

export const NEW_INTERLOCK: Values = { operator: 'gt', max_age_seconds: 10, enabled: true }

export function valuesOfInterlock(interlock: Interlock): Values {
  const { event_id, source_event_id, operator, threshold, threshold_high, max_age_seconds, description, enabled } = interlock
  return { event_id, source_event_id, operator, threshold, threshold_high, max_age_seconds, description, enabled }
}

/** The whole of it, as the database says it when it blocks. */
export function sentenceOf({ source, operator, threshold, threshold_high: high, max_age_seconds: age }: Interlock, output: string): string {
  if (source === null) return `${output}: ${say.purged}`
  const inUnit = (limit: number) => `${formatLimit(limit)} ${source.unit ?? ''}`.trim()
  const condition = say.conditions[operator]?.(inUnit(threshold), inUnit(high ?? threshold)) ?? operator
  return `${say.sentence(output, source.name, condition)}, ${say.age(formatLimit(age))}.`
}

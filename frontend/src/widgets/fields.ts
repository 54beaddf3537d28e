import type { Event } from '@/api/events'
import type { Field } from '@/shared/form/field'

/** A field for a value of this event, with its unit. */
export function valueField(name: string, label: string, event: Event | undefined, more: Partial<Field> = {}): Field {
  return { name, label, kind: 'number', ...(event?.unit ? { unit: event.unit } : {}), ...more }
}

import { defineAsyncComponent } from 'vue'
import { formatValue } from '@/format/number'
import { SETTABLE } from '@/shared/command/use-command'
import { valueField } from '../fields'
import type { WidgetType } from '../widget'
import { words } from './words'

export default {
  type: 'button',
  name: words.name,
  text: words.text,
  place: 74,
  size: { w: 6, h: 5 },
  least: { w: 3, h: 3 },
  events: { least: 1, most: 1, types: SETTABLE },
  fields: ([event]) => [
    { name: 'label', label: words.label, required: true },
    valueField('value', words.value, event, { required: true }),
    { name: 'ask', label: words.ask, kind: 'check' },
  ],
  usual: ([event]) => {
    const value = event?.max_value ?? 1
    const starts = event === undefined || event.event_type === 'cmd_button'
    return { value, label: starts ? words.start : words.usual(`${formatValue(value, event)} ${event.unit ?? ''}`.trim()), ask: true }
  },
  component: defineAsyncComponent(() => import('./ButtonWidget.vue')),
} satisfies WidgetType

import { defineAsyncComponent } from 'vue'
import { SETTABLE } from '@/shared/command/use-command'
import { valueField } from '../fields'
import type { WidgetType } from '../widget'
import { words } from './words'

export default {
  type: 'switch',
  name: words.name,
  text: words.text,
  place: 70,
  size: { w: 6, h: 5 },
  least: { w: 3, h: 3 },
  events: { least: 1, most: 1, types: SETTABLE },
  fields: ([event]) => [
    { name: 'onText', label: words.onText, half: true },
    { name: 'offText', label: words.offText, half: true },
    valueField('onValue', words.onValue, event, { half: true, required: true }),
    valueField('offValue', words.offValue, event, { half: true, required: true }),
    { name: 'ask', label: words.ask, kind: 'check' },
  ],
  usual: ([event]) => ({ onText: words.on, offText: words.off, onValue: event?.max_value ?? 1, offValue: event?.min_value ?? 0, ask: true }),
  component: defineAsyncComponent(() => import('./SwitchWidget.vue')),
} satisfies WidgetType

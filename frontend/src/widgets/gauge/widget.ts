import { defineAsyncComponent } from 'vue'
import { valueField } from '../fields'
import type { WidgetType } from '../widget'
import { words } from './words'

export default {
  type: 'gauge',
  name: words.name,
  text: words.text,
  place: 30,
  size: { w: 6, h: 5 },
  least: { w: 3, h: 3 },
  events: { least: 1, most: 1 },
  fields: ([event]) => [
    valueField('min', words.min, event, { half: true }),
    valueField('max', words.max, event, { half: true }),
    valueField('low', words.low, event, { half: true, help: words.lowHelp }),
    valueField('high', words.high, event, { half: true, help: words.highHelp }),
  ],
  usual: ([event]) => ({ min: event?.min_value ?? 0, max: event?.max_value ?? 100 }),
  component: defineAsyncComponent(() => import('./GaugeWidget.vue')),
} satisfies WidgetType

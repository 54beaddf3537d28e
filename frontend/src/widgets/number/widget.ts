import { defineAsyncComponent } from 'vue'
import type { WidgetType } from '../widget'
import { words } from './words'

export default {
  type: 'number',
  name: words.name,
  text: words.text,
  place: 20,
  size: { w: 6, h: 5 },
  least: { w: 2, h: 2 },
  events: { least: 1, most: 1 },
  fields: () => [
    { name: 'spark', label: words.spark, kind: 'check' },
    { name: 'range', label: words.range, kind: 'check' },
  ],
  usual: ([event]) => ({ spark: true, range: event?.min_value !== null }),
  component: defineAsyncComponent(() => import('./NumberWidget.vue')),
} satisfies WidgetType

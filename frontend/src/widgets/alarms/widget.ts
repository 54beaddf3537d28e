import { defineAsyncComponent } from 'vue'
import type { WidgetType } from '../widget'
import { words } from './words'

export default {
  type: 'alarms',
  name: words.name,
  text: words.text,
  place: 60,
  size: { w: 12, h: 8 },
  least: { w: 4, h: 3 },
  events: { least: 0, most: 50 },
  fields: () => [{ name: 'most', label: words.most, kind: 'number', min: 1, max: 200, required: true }],
  usual: () => ({ most: 20 }),
  title: () => words.title,
  component: defineAsyncComponent(() => import('./AlarmsWidget.vue')),
} satisfies WidgetType

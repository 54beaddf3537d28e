import { defineAsyncComponent } from 'vue'
import type { WidgetType } from '../widget'
import { words } from './words'

export default {
  type: 'table',
  name: words.name,
  text: words.text,
  place: 50,
  size: { w: 12, h: 8 },
  least: { w: 4, h: 3 },
  events: { least: 1, most: 50 },
  title: () => words.title,
  component: defineAsyncComponent(() => import('./TableWidget.vue')),
} satisfies WidgetType

import { defineAsyncComponent } from 'vue'
import type { WidgetType } from '../widget'
import { words } from './words'

export default {
  type: 'table',
  name: words.name,
  text: words.text,
  place: 50,
  size: { w: 8, h: 7 },
  least: { w: 4, h: 3 },
  events: { least: 1, most: 50 },
  title: () => words.title,
  component: defineAsyncComponent(() => import('./TableWidget.vue')),
} satisfies WidgetType

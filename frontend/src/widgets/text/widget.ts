import { defineAsyncComponent } from 'vue'
import type { WidgetType } from '../widget'
import { words } from './words'

export default {
  type: 'text',
  name: words.name,
  text: words.text,
  place: 90,
  size: { w: 8, h: 2 },
  least: { w: 2, h: 1 },
  fields: () => [
    { name: 'text', label: words.field, kind: 'area', required: true },
    { name: 'large', label: words.large, kind: 'check' },
  ],
  usual: () => ({ text: words.begin, large: false }),
  title: () => '',
  component: defineAsyncComponent(() => import('./TextWidget.vue')),
} satisfies WidgetType

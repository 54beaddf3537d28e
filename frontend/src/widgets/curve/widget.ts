import { defineAsyncComponent } from 'vue'
import { MOST_LINES } from '@/chart/line'
import { RANGES } from '@/shared/range/ranges'
import type { WidgetType } from '../widget'
import { words } from './words'

export default {
  type: 'curve',
  name: words.name,
  text: words.text,
  place: 10,
  size: { w: 12, h: 11 },
  least: { w: 5, h: 5 },
  events: { least: 1, most: MOST_LINES },
  fields: () => [
    { name: 'span', label: words.span, kind: 'choice', options: RANGES.map(({ name, span }) => ({ value: String(span), label: name })) },
  ],
  usual: () => ({ span: '900' }),
  /** The legend says what is drawn. */
  title: () => '',
  component: defineAsyncComponent(() => import('./CurveWidget.vue')),
} satisfies WidgetType

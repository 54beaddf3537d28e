import { defineAsyncComponent } from 'vue'
import { SETTABLE } from '@/shared/command/use-command'
import { valueField } from '../fields'
import type { WidgetType } from '../widget'
import { words } from './words'

/** A hundredth of the range, as a round number. */
const stepOf = (low: number, high: number) => 10 ** Math.floor(Math.log10(Math.max(Number.MIN_VALUE, high - low) / 100))

export default {
  type: 'slider',
  name: words.name,
  text: words.text,
  place: 72,
  size: { w: 6, h: 6 },
  least: { w: 4, h: 5 },
  events: { least: 1, most: 1, types: SETTABLE },
  fields: ([event]) => [
    valueField('min', words.min, event, { half: true, required: true }),
    valueField('max', words.max, event, { half: true, required: true }),
    valueField('step', words.step, event, { required: true }),
    { name: 'ask', label: words.ask, kind: 'check' },
  ],
  usual: ([event]) => {
    const [min, max] = [event?.min_value ?? 0, event?.max_value ?? 100]
    return { min, max, step: stepOf(min, max), ask: true }
  },
  component: defineAsyncComponent(() => import('./SliderWidget.vue')),
} satisfies WidgetType

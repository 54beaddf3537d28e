import { defineAsyncComponent } from 'vue'
import { valueField } from '../fields'
import type { WidgetType } from '../widget'
import { words } from './words'

const middle = (low: number | null | undefined, high: number | null | undefined) => ((low ?? 0) + (high ?? 1)) / 2

export default {
  type: 'led',
  name: words.name,
  text: words.text,
  place: 40,
  size: { w: 4, h: 3 },
  least: { w: 2, h: 2 },
  events: { least: 1, most: 1 },
  fields: ([event]) => [
    valueField('threshold', words.threshold, event, { required: true }),
    { name: 'onText', label: words.onText, half: true },
    { name: 'offText', label: words.offText, half: true },
    {
      name: 'abnormal',
      label: words.abnormal,
      help: words.abnormalHelp,
      kind: 'choice',
      options: [
        { value: 'never', label: words.never },
        { value: 'on', label: words.whenOn },
        { value: 'off', label: words.whenOff },
      ],
    },
  ],
  usual: ([event]) => ({ threshold: middle(event?.min_value, event?.max_value), onText: words.on, offText: words.off, abnormal: 'never' }),
  component: defineAsyncComponent(() => import('./LedWidget.vue')),
} satisfies WidgetType

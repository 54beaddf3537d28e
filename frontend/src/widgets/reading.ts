import { computed } from 'vue'
import type { Event } from '@/api/events'
import { formatValue } from '@/format/number'
import { useReading } from '@/live/use-reading'
import { placeOf } from '@/shared/range-position'

/** The newest value of a widget's event as it is shown. */
export function useShown(event: Event) {
  const shown = useReading(event.public_id)
  const number = computed(() => shown.reading.value?.value ?? null)
  const text = computed(() => (number.value === null ? '–' : formatValue(number.value, event)))
  const place = computed(() => placeOf(number.value, event))
  /** Whether it may be believed to be the present value. */
  const doubtful = computed(() => shown.standing.value !== 'current' || shown.quality.value === 'bad')
  const span = computed(() => (event.min_value === null || event.max_value === null ? null : event.max_value - event.min_value))
  return { ...shown, number, text, place, doubtful, span }
}

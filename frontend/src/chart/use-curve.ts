import { computed, shallowRef, watch, type Ref } from 'vue'
import type { Seconds } from '@/format/time'
import { plottedEnvelope, withNewer } from './envelope'
import { plotted } from './gaps'
import { usePastAndLive } from './past-and-live'
import { windowOf, type Shown, type Window } from './shown'
import { useEnvelope } from './use-envelope'

/** Up to here each value is drawn, beyond the envelope. */
const LONGEST_BY_VALUE: Seconds = 21_600
/** Besides an envelope: what may have come since it was read, and the newest values. */
const NEWEST: Seconds = 300

/** One event's curve of any range, going on live where the range ends now; a zoomed window is read at its own resolution. */
export function useCurve(event: { id: number; public_id: string }, shown: Ref<Shown>) {
  const zoomed = shallowRef<Window | null>(null)
  watch(shown, () => (zoomed.value = null))

  const byValue = computed(() => 'span' in shown.value && shown.value.span <= LONGEST_BY_VALUE)
  const span = computed(() => ('span' in shown.value && byValue.value ? shown.value.span : NEWEST))
  const values = usePastAndLive(event, span, computed(() => zoomed.value !== null))

  const wanted = computed<Shown | null>(() => {
    if (byValue.value) return null
    return zoomed.value ? { from: zoomed.value[0], to: zoomed.value[1] } : shown.value
  })
  const past = useEnvelope(event.id, wanted)
  const envelope = computed(() => {
    if (wanted.value === null || past.envelope.value === null) return null
    return 'span' in wanted.value ? withNewer(past.envelope.value, values.points.value) : past.envelope.value
  })

  const data = computed(() => (byValue.value ? plotted(values.points.value) : plottedEnvelope(envelope.value ?? NOTHING)))
  const window = computed(() => zoomed.value ?? windowOf(shown.value, values.moment.value))
  const source = computed(() => (byValue.value ? values : past))
  return {
    points: values.points,
    complete: values.complete,
    loading: computed(() => source.value.loading.value),
    problem: computed(() => source.value.problem.value),
    load: () => source.value.load(),
    byValue,
    envelope,
    data,
    window,
    zoomed,
  }
}

const NOTHING = { origin: 0, width: 1, buckets: [] }

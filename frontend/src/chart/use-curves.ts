import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import type { Seconds } from '@/format/time'
import { plottedEnvelope, withNewer } from './envelope'
import { plotted } from './gaps'
import type { ChartEvent, Line } from './line'
import { usePastAndLive } from './past-and-live'
import { windowOf, type Shown, type Window } from './shown'
import { useEnvelopes } from './use-envelopes'

/** Up to here each value is drawn, beyond the envelope. */
const LONGEST_BY_VALUE: Seconds = 21_600
/** Besides an envelope: what may have come since it was read, and the newest values. */
const NEWEST: Seconds = 300

const lengthOf = (shown: Shown) => ('span' in shown ? shown.span : shown.to - shown.from)

export type Curves = ReturnType<typeof useCurves>

/**
 * Curves of any range of some events, going on live where the range ends now. Where somebody zooms or pans to is
 * `zoomed`; beyond what is there value by value it is read at its own resolution.
 */
export function useCurves(events: Ref<readonly ChartEvent[]>, shown: Ref<Shown>) {
  /** Whether anybody sees it; the chart says so. */
  const seen = ref(true)
  /** Whether anybody sees what else is made of the same points, as a table; who makes it says so. */
  const besideSeen = ref(false)
  /** How wide it is drawn, in pixels; the chart says so, and before nothing is read that depends on it. */
  const width = ref(0)
  const zoomed = shallowRef<Window | null>(null)
  watch(shown, () => (zoomed.value = null))

  const short = computed(() => 'span' in shown.value && shown.value.span <= LONGEST_BY_VALUE)
  const values = usePastAndLive({
    events,
    span: computed(() => ('span' in shown.value && short.value ? shown.value.span : NEWEST)),
    drawn: computed(() => lengthOf(shown.value)),
    held: computed(() => zoomed.value !== null),
    seen: computed(() => seen.value || besideSeen.value),
  })
  const byValue = computed(() => short.value && (zoomed.value === null || zoomed.value[0] >= values.since.value))

  const measured = computed(() => width.value > 0)
  const wanted = computed<Shown | null>(() => {
    if (byValue.value || !measured.value) return null
    return zoomed.value ? { from: zoomed.value[0], to: zoomed.value[1] } : shown.value
  })
  const past = useEnvelopes({ events, wanted, seen, width })
  const envelopes = computed(() => {
    if (wanted.value === null || past.envelopes.value === null) return null
    if (!('span' in wanted.value)) return past.envelopes.value
    return new Map([...past.envelopes.value].map(([id, each]) => [id, withNewer(each, values.points.value.get(id) ?? [])]))
  })

  const drawnOf = (id: string) =>
    byValue.value ? plotted(values.points.value.get(id) ?? []) : plottedEnvelope(envelopes.value?.get(id) ?? NOTHING)
  const lines = computed<Line[]>(() =>
    events.value.map((event, i) => ({
      key: event.public_id,
      event,
      style: i,
      plotted: drawnOf(event.public_id),
      band: !byValue.value,
    })),
  )
  const window = computed(() => zoomed.value ?? windowOf(shown.value, values.moment.value))
  const source = computed(() => (byValue.value ? values : past))
  return {
    events,
    shown,
    /** The points of the last minutes at least, by event. */
    points: values.points,
    complete: values.complete,
    loading: computed(() => source.value.loading.value || (!byValue.value && !measured.value)),
    problem: computed(() => source.value.problem.value),
    load: () => source.value.load(),
    byValue,
    envelopes,
    lines,
    window,
    zoomed,
    seen,
    besideSeen,
    width,
  }
}

const NOTHING = { origin: 0, width: 1, buckets: [] }

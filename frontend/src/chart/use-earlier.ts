import { computed, onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { readSeries } from '@/api/series'
import type { Seconds } from '@/format/time'
import { useLoading } from '@/shared/use-loading'
import { plottedEnvelope } from './envelope'
import type { Plotted } from './gaps'
import type { Line } from './line'
import type { Window } from './shown'
import type { Curves } from './use-curves'

const BUCKETS = 1000
/** So far beyond its end it is read, so that it is there while time goes on. */
const AHEAD = 0.1

const later = ([times, ...columns]: Plotted, by: Seconds): Plotted => [times.map((t) => t + by), ...columns]

/** The same events `shift` earlier, as lines over the time that is shown; none where nothing is compared. */
export function useEarlier({ events }: Curves, paced: Ref<Window>, shift: Ref<Seconds | null>) {
  const read = shallowRef<readonly Line[]>([])
  let turn = 0

  const { problem, load } = useLoading(async () => {
    const mine = (turn += 1)
    const [by, of, [from, to]] = [shift.value, events.value, paced.value]
    if (by === null || of.length === 0) return
    const end = to + AHEAD * (to - from)
    const found = await readSeries(of.map(({ id }) => id), from - by, end - by, BUCKETS)
    if (mine !== turn) return
    read.value = of.map((event, style) => ({
      key: `${event.public_id} earlier`,
      event,
      style,
      plotted: later(plottedEnvelope(found[style]!), by),
      band: false,
      earlier: true,
    }))
  })

  watch([paced, shift], load, { immediate: true })
  onScopeDispose(() => (turn += 1))
  const known = computed(() => new Map(events.value.map(({ public_id: id }, style) => [id, style])))
  const lines = computed(() =>
    shift.value === null ? [] : read.value.filter(({ event, style }) => known.value.get(event.public_id) === style),
  )
  return { lines, problem, load }
}

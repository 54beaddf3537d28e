import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { readPast } from '@/api/datapoints'
import type { Seconds } from '@/format/time'
import { serverNow } from '@/live/clock'
import type { Point } from '@/live/frames'
import { useStream } from '@/live/stream'
import { useLoading } from '@/shared/use-loading'
import { plotted } from './gaps'
import { Series } from './series'

export type Window = readonly [from: Seconds, to: Seconds]

const REDRAW_MS = 250
/** Without new values the window still moves on, slowly, so that silence is seen as a gap. */
const IDLE_REDRAWS = 4
const MARGIN = 1.05

/** One event's past and its live values as one curve over the last `span` seconds, or over a zoomed window. */
export function usePastAndLive(event: { id: number; public_id: string }, span: Ref<Seconds>) {
  const series = new Series()
  const points = shallowRef<readonly Point[]>([])
  const moving = shallowRef<Window>([serverNow() - span.value, serverNow()])
  const zoomed = shallowRef<Window | null>(null)
  const complete = ref(true)
  let dirty = true
  let idle = 0
  let reading = new AbortController()

  const { loading, problem, load } = useLoading(async () => {
    reading.abort()
    reading = new AbortController()
    complete.value = await readPast(event.id, serverNow() - span.value, merge, reading.signal)
  })

  function merge(added: Point[]) {
    series.merge(added)
    dirty = true
  }

  function redraw() {
    idle += 1
    if (document.hidden || (!dirty && idle < IDLE_REDRAWS)) return
    dirty = false
    idle = 0
    const now = serverNow()
    if (zoomed.value === null) series.trim(now - MARGIN * span.value)
    moving.value = [now - span.value, now]
    points.value = [...series.all]
  }

  // Watching starts before reading: what arrives meanwhile is merged, so nothing falls between past and live.
  useStream().watchLive({
    events: [event.public_id],
    onBatch: (batch) => merge(batch.get(event.public_id)!),
    onReload: load,
  })
  void load()
  watch(span, () => {
    zoomed.value = null
    dirty = true
    redraw()
    void load()
  })
  const timer = setInterval(redraw, REDRAW_MS)
  onScopeDispose(() => {
    clearInterval(timer)
    reading.abort()
  })

  const data = computed(() => plotted(points.value))
  const window = computed(() => zoomed.value ?? moving.value)
  return { points, data, window, zoomed, complete, loading, problem, load }
}

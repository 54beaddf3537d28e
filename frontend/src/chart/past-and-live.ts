import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { readPast } from '@/api/datapoints'
import type { Seconds } from '@/format/time'
import { serverNow } from '@/live/clock'
import type { Point } from '@/live/frames'
import { useStream } from '@/live/stream'
import { useLoading } from '@/shared/use-loading'
import { Series } from './series'

const REDRAW_MS = 250
/** Without new values the window still moves on, slowly, so that silence is seen as a gap. */
const IDLE_REDRAWS = 4
const MARGIN = 1.05

/**
 * Each value of one event of the last `span` seconds: what was stored and what arrives, as one. `moment` is up to when.
 * While `held`, what grows older is not forgotten.
 */
export function usePastAndLive(event: { id: number; public_id: string }, span: Ref<Seconds>, held: Ref<boolean>) {
  const series = new Series()
  const points = shallowRef<readonly Point[]>([])
  const moment = ref(serverNow())
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
    moment.value = serverNow()
    if (!held.value) series.trim(moment.value - MARGIN * span.value)
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
    dirty = true
    redraw()
    void load()
  })
  const timer = setInterval(redraw, REDRAW_MS)
  onScopeDispose(() => {
    clearInterval(timer)
    reading.abort()
  })

  return { points, moment, complete, loading, problem, load }
}

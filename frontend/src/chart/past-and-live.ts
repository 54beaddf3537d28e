import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { MOST_POINTS, readPast } from '@/api/datapoints'
import type { Seconds } from '@/format/time'
import { serverNow } from '@/live/clock'
import type { Batch, Point } from '@/live/frames'
import { useStream } from '@/live/stream'
import { atMost } from '@/shared/at-most'
import { useLoading } from '@/shared/use-loading'
import type { ChartEvent } from './line'
import { useRedraws } from './redraws'
import { Series } from './series'

/** Forgetting is done in larger steps, for it copies what is kept. */
const [KEPT, FORGOTTEN] = [1.02, 1.1]
const READ_AT_ONCE = 4

export type PointsOf = ReadonlyMap<string, readonly Point[]>

export interface Wanted {
  events: Ref<readonly ChartEvent[]>
  /** So many seconds up to now are kept. */
  span: Ref<Seconds>
  /** What is drawn covers so many seconds. */
  drawn: Ref<Seconds>
  /** Meanwhile what grows older is not forgotten. */
  held: Ref<boolean>
  seen: Ref<boolean>
}

/**
 * Each value of the events of the last `span` seconds: what was stored and what arrives, as one. `moment` is up to when,
 * `since` from when everything is there. Each redrawing gives another map; the points themselves are not copied.
 */
export function usePastAndLive({ events, span, drawn, held, seen }: Wanted) {
  let series = new Map<string, Series>()
  const points = shallowRef<PointsOf>(new Map())
  const moment = ref(serverNow())
  const since = ref(Infinity)
  const complete = ref(true)
  let reading = new AbortController()
  const mostOfEach = computed(() => Math.ceil(MOST_POINTS / Math.max(1, events.value.length)))

  const { loading, problem, load } = useLoading(async () => {
    reading.abort()
    reading = new AbortController()
    const { signal } = reading
    const from = serverNow() - span.value
    since.value = from
    const whole = await atMost(READ_AT_ONCE, events.value, (event) =>
      readPast(event.id, from, (added) => merge(event.public_id, added), signal, mostOfEach.value),
    )
    if (!signal.aborted) complete.value = whole.every(Boolean)
  })

  function merge(publicId: string, added: Point[]) {
    series.get(publicId)?.merge(added)
    redraws.ask()
  }

  function show() {
    moment.value = serverNow()
    if (!held.value) {
      since.value = Math.max(since.value, moment.value - FORGOTTEN * span.value)
      for (const each of series.values()) each.trim(moment.value - KEPT * span.value, moment.value - FORGOTTEN * span.value)
    }
    points.value = new Map([...series].map(([id, { all }]) => [id, all]))
  }
  const redraws = useRedraws(show, drawn, seen)

  // Watching starts before reading: what arrives meanwhile is merged, so nothing falls between past and live.
  const stream = useStream()
  let unfollow = () => undefined as void
  function begin() {
    unfollow()
    series = new Map(events.value.map(({ public_id: id }) => [id, series.get(id) ?? new Series()]))
    unfollow = stream.follow({
      events: [...series.keys()],
      onBatch: (batch: Batch) => batch.forEach((added, id) => merge(id, added)),
      onReload: load,
    })
    show()
    void load()
  }
  begin()
  watch(() => events.value.map(({ public_id: id }) => id).join(), begin)
  watch(span, () => {
    show()
    void load()
  })
  onScopeDispose(() => {
    unfollow()
    reading.abort()
  })

  return { points, moment, since, complete, loading, problem, load }
}

import { computed, shallowRef, watch, type Ref } from 'vue'
import { findEvents, type Event } from '@/api/events'
import { readRecent } from '@/api/datapoints'
import { serverNow } from '@/live/clock'
import { useNewest } from '@/live/newest'
import { TRAIL_SPAN } from '@/live/trail'
import { useLoading } from '@/shared/use-loading'
import type { Widget } from '@/widgets/widget'

/** The events of all widgets, read at once; those that come later when they are needed. */
export function useEvents(widgets: Ref<readonly Widget[]>) {
  const newest = useNewest()
  const known = shallowRef(new Map<string, Event>())
  /** Asked for, whether or not there is such an event. */
  const asked = new Set<string>()
  const wanted = computed(() => [...new Set(widgets.value.flatMap(({ options }) => options.events ?? []))])

  function take(events: Event[]) {
    newest.seed(events)
    known.value = new Map([...known.value, ...events.map((event): [string, Event] => [event.public_id, event])])
    for (const { public_id: id } of events) asked.add(id)
    void readTrends(events).catch(() => undefined) // a missing past is no reason to show less
  }

  async function readTrends(events: Event[]) {
    if (events.length === 0) return
    const recent = await readRecent(events.map(({ id }) => id), serverNow() - TRAIL_SPAN)
    for (const { id, public_id: publicId } of events) newest.precede(publicId, recent.get(id) ?? [])
  }

  const { loading, problem, load } = useLoading(async () => {
    const missing = wanted.value.filter((id) => !asked.has(id))
    for (const id of missing) asked.add(id)
    take(await findEvents(missing).catch((error) => {
      for (const id of missing) asked.delete(id)
      throw error
    }))
  })
  watch(wanted, (ids) => ids.some((id) => !asked.has(id)) && void load(), { immediate: true })

  return { known, loading, problem, load, take }
}

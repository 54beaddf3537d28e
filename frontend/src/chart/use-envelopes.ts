import { onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { readSeries, type Envelope } from '@/api/series'
import { serverNow } from '@/live/clock'
import { useLoading } from '@/shared/use-loading'
import type { ChartEvent } from './line'
import { windowOf, type Shown } from './shown'

/** What comes late is seen with the next reading. */
const READ_AGAIN_MS = 60_000
/** A bucket for each column of pixels that a chart may have, as far as all events together stay quick to read. */
const MOST_BUCKETS = 10_000

const bucketsOf = (events: number) =>
  Math.min(MOST_BUCKETS / events, Math.round(window.screen.width * window.devicePixelRatio))

export type EnvelopeOf = ReadonlyMap<string, Envelope>

/** The envelopes of the events, in one request, read anew when another range is wanted; none where none is wanted. */
export function useEnvelopes(events: Ref<readonly ChartEvent[]>, wanted: Ref<Shown | null>, seen: Ref<boolean>) {
  const envelopes = shallowRef<EnvelopeOf | null>(null)
  let outdated = false

  const { loading, problem, load: read } = useLoading(async () => {
    // While somebody drags, what is wanted changes faster than it can be read: the last of it counts.
    do {
      outdated = false
      const [asked, of] = [wanted.value, events.value]
      if (asked === null || of.length === 0) envelopes.value = null
      else {
        const found = await readSeries(of.map(({ id }) => id), ...windowOf(asked, serverNow()), Math.floor(bucketsOf(of.length)))
        if (wanted.value !== null) envelopes.value = new Map(of.map(({ public_id: id }, i) => [id, found[i]!]))
      }
    } while (outdated)
  })

  async function load() {
    outdated = true
    if (!loading.value) await read()
  }

  const now = () => seen.value && !document.hidden
  watch([wanted, () => events.value.map(({ id }) => id).join()], load, { immediate: true })
  const timer = setInterval(() => {
    if (wanted.value !== null && 'span' in wanted.value && now()) void load()
  }, READ_AGAIN_MS)
  onScopeDispose(() => clearInterval(timer))

  return { envelopes, loading, problem, load }
}

import { onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { readSeries, type Envelope } from '@/api/series'
import { serverNow } from '@/live/clock'
import { useLoading } from '@/shared/use-loading'
import type { ChartEvent } from './line'
import { windowOf, type Shown } from './shown'

/** What comes late is seen with the next reading. */
const READ_AGAIN_MS = 60_000
/** So wide a bucket is drawn: narrower ones would paint the band over with the line. */
const BUCKET_PIXELS = 2
/** Of all events together, so that they stay quick to read. */
const MOST_BUCKETS = 10_000

const bucketsOf = (events: number, width: number) =>
  Math.floor(Math.max(1, Math.min(MOST_BUCKETS / events, (width * window.devicePixelRatio) / BUCKET_PIXELS)))

export type EnvelopeOf = ReadonlyMap<string, Envelope>

interface Wanted {
  events: Ref<readonly ChartEvent[]>
  wanted: Ref<Shown | null>
  seen: Ref<boolean>
  /** How wide it is drawn. */
  width: Ref<number>
}

/** The envelopes of the events, in one request, read anew when another range is wanted; none where none is wanted. */
export function useEnvelopes({ events, wanted, seen, width }: Wanted) {
  const envelopes = shallowRef<EnvelopeOf | null>(null)
  let [outdated, reading] = [false, false]

  const { loading, problem, load: read } = useLoading(async () => {
    reading = true
    try {
      // While somebody drags, what is wanted changes faster than it can be read: the last of it counts.
      do await readOnce()
      while (outdated)
    } finally {
      reading = false
    }
  })

  async function readOnce() {
    outdated = false
    const [asked, of] = [wanted.value, events.value]
    if (asked === null || of.length === 0) return void (envelopes.value = null)
    const buckets = bucketsOf(of.length, width.value)
    const found = await readSeries(of.map(({ id }) => id), ...windowOf(asked, serverNow()), buckets)
    if (wanted.value !== null) envelopes.value = new Map(of.map(({ public_id: id }, i) => [id, found[i]!]))
  }

  async function load() {
    outdated = true
    if (!reading) await read()
  }

  const now = () => seen.value && !document.hidden
  watch([wanted, () => events.value.map(({ id }) => id).join()], load, { immediate: true })
  const timer = setInterval(() => {
    if (wanted.value !== null && 'span' in wanted.value && now()) void load()
  }, READ_AGAIN_MS)
  onScopeDispose(() => clearInterval(timer))

  return { envelopes, loading, problem, load }
}

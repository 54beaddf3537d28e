import { onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { readSeries, type Envelope } from '@/api/series'
import { serverNow } from '@/live/clock'
import { useLoading } from '@/shared/use-loading'
import { windowOf, type Shown } from './shown'

/** What comes late is seen with the next reading. */
const READ_AGAIN_MS = 60_000

/** A bucket for each column of pixels that the chart may have. */
const mostBuckets = () => Math.min(10_000, Math.round(window.screen.width * window.devicePixelRatio))

/** The envelope of what is wanted, read anew when that changes; null where none is wanted. */
export function useEnvelope(eventId: number, wanted: Ref<Shown | null>) {
  const envelope = shallowRef<Envelope | null>(null)

  const { loading, problem, load } = useLoading(async () => {
    const asked = wanted.value
    const found = asked && (await readSeries(eventId, ...windowOf(asked, serverNow()), mostBuckets()))
    // Meanwhile something else may be wanted.
    if (wanted.value === asked) envelope.value = found
  })

  watch(wanted, load, { immediate: true })
  const timer = setInterval(() => {
    if (wanted.value !== null && 'span' in wanted.value && !document.hidden) void load()
  }, READ_AGAIN_MS)
  onScopeDispose(() => clearInterval(timer))

  return { envelope, loading, problem, load }
}

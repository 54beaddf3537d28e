import { computed } from 'vue'
import { now } from './clock'
import { useNewest } from './newest'
import { qualityOf, reasonOf } from './quality'
import { standingOf } from './standing'
import { useStream } from './stream'
import { words } from '@/words'

/** The newest value of one event, with what must be known to show it honestly. */
export function useReading(publicId: string) {
  const stream = useStream()
  const reading = useNewest().readingOf(publicId)
  const standing = computed(() => standingOf(reading.value, stream.connection, now.value))
  const quality = computed(() => (reading.value ? qualityOf(reading.value.quality) : null))
  /** Why the quality is what it is, where it is not simply good. */
  const doubt = computed(() =>
    !reading.value || reading.value.quality === 192 ? null : reasonOf(reading.value.quality, words.quality.reasons, words.quality),
  )
  const age = computed(() => (reading.value ? now.value - reading.value.t : null))
  return { reading, standing, quality, doubt, age }
}

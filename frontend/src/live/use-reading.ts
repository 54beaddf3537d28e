import { computed } from 'vue'
import { now } from './clock'
import { qualityOf } from './freshness'
import { useNewest } from './newest'
import { standingOf } from './standing'
import { useStream } from './stream'

/** The newest value of one event, with what must be known to show it honestly. */
export function useReading(publicId: string) {
  const stream = useStream()
  const reading = useNewest().readingOf(publicId)
  const standing = computed(() => standingOf(reading.value, stream.connection, now.value))
  const quality = computed(() => (reading.value ? qualityOf(reading.value.quality) : null))
  const age = computed(() => (reading.value ? now.value - reading.value.t : null))
  return { reading, standing, quality, age }
}

import { ref } from 'vue'
import type { Seconds } from '@/format/time'

/** A device's clock may be minutes off; ages are then measured by the server's, whose Date header knows seconds. */
const TRUSTED_OFFSET_MS = 2000

let offsetMs = 0

export function setServerTime(dateHeader: string | null, localMs: number) {
  const difference = Date.parse(dateHeader ?? '') - localMs
  offsetMs = Math.abs(difference) > TRUSTED_OFFSET_MS ? difference : 0
}

export function serverNow(): Seconds {
  return (Date.now() + offsetMs) / 1000
}

/** The time of the server, ticking once a second for everything that shows an age. */
export const now = ref(serverNow())

setInterval(() => (now.value = serverNow()), 1000)

import type { Forecast } from '@/api/system'
import { parseTime, type Seconds } from '@/format/time'

const DAY = 86_400
const SOON_DAYS = 60
const LITTLE_BYTES = 2e9

/** What is wrong with the disk: `soon` full in so many days, `little` free now; null: nothing. */
export type DiskTrouble = { what: 'soon'; days: number } | { what: 'little' } | null

export function troubleOf({ free_bytes: free, full_on: full }: Forecast, now: Seconds): DiskTrouble {
  if (free !== null && free < LITTLE_BYTES) return { what: 'little' }
  const days = full === null ? Infinity : Math.max(0, Math.floor((parseTime(full) - now) / DAY))
  return days <= SOON_DAYS ? { what: 'soon', days } : null
}

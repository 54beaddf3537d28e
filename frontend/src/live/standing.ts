import type { Seconds } from '@/format/time'
import { freshness } from './freshness'
import type { Reading } from './newest'
import type { Connection } from './stream'

/** How far a shown value may be believed to be the present one. */
export type Standing = 'current' | 'stale' | 'disconnected' | 'none'

export function standingOf(reading: Reading | null, connection: Connection, now: Seconds): Standing {
  if (reading === null) return 'none'
  if (connection === 'lost') return 'disconnected'
  return freshness(now - reading.t, reading.usualInterval)
}
